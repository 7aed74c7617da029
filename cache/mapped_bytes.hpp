// A read-only view of part of a file through the page cache, so that reading takes no lock and no copy.
// For cache/ and for readers of large files elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fergraph {

class MappedBytes {
 public:
  MappedBytes() = default;
  /// The descriptor may be closed afterwards. Throws std::system_error.
  MappedBytes(int descriptor, std::uint64_t offset, std::size_t count);
  MappedBytes(MappedBytes&& other) noexcept;
  MappedBytes& operator=(MappedBytes&& other) noexcept;
  ~MappedBytes();

  std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  void* mapping_ = nullptr;
  std::size_t length_ = 0;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace fergraph
