#include "cache/mapped_bytes.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace fergraph {

MappedBytes::MappedBytes(int descriptor, std::uint64_t offset, std::size_t count) {
  if (count == 0) return;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t lead = offset % page;  // A mapping begins at a page.
  length_ = count + lead;
  void* mapping = mmap(nullptr, length_, PROT_READ, MAP_SHARED, descriptor, static_cast<off_t>(offset - lead));
  if (mapping == MAP_FAILED) throw std::system_error(errno, std::generic_category());
  mapping_ = mapping;
  bytes_ = {static_cast<const std::uint8_t*>(mapping) + lead, count};
}

MappedBytes::MappedBytes(MappedBytes&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      length_(other.length_),
      bytes_(std::exchange(other.bytes_, {})) {}

MappedBytes& MappedBytes::operator=(MappedBytes&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(length_, other.length_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedBytes::~MappedBytes() {
  if (mapping_) munmap(mapping_, length_);
}

}  // namespace fergraph
