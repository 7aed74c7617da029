#include "cache/seal.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "cache/checksum.hpp"

namespace fergraph {
namespace {

constexpr std::array<char, 8> word = {'f', 'e', 'r', 's', 'e', 'a', 'l', '1'};

struct Seal {
  std::array<char, 8> name = word;
  std::uint64_t length = 0;
  std::uint64_t checksum = 0;

  bool operator==(const Seal&) const = default;
};
static_assert(sizeof(Seal) == 24);

std::uint64_t length_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw std::system_error(errno, std::generic_category());
  return static_cast<std::uint64_t>(status.st_size);
}

void read_at(int descriptor, std::uint64_t offset, void* to, std::size_t count) {
  auto* bytes = static_cast<char*>(to);
  while (count > 0) {
    const ssize_t got = ::pread(descriptor, bytes, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw std::system_error(got < 0 ? errno : EIO, std::generic_category());
    bytes += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::size_t>(got);
  }
}

Seal seal_of(int descriptor, std::uint64_t length, const FaceBytes& faces) {
  RunningChecksum checksum;
  std::vector<std::uint8_t> piece(std::size_t{1} << 20);
  const auto add = [&](std::uint64_t begin, std::uint64_t end) {
    while (begin < end) {
      const std::size_t count = std::min<std::uint64_t>(end - begin, piece.size());
      read_at(descriptor, begin, piece.data(), count);
      checksum.add(piece.data(), count);
      begin += count;
    }
  };
  // Where there are no faces they have no place either.
  const std::uint64_t begin = faces.count == 0 ? 0 : faces.begin;
  add(0, begin);
  add(begin + faces.count, length);
  return {word, length, checksum.value()};
}

}  // namespace

void write_seal(PartialFile& file, const FaceBytes& faces) {
  const std::uint64_t length = length_of(file.descriptor());
  const Seal seal = seal_of(file.descriptor(), length, faces);
  std::array<std::uint8_t, sizeof seal> bytes;
  std::memcpy(bytes.data(), &seal, sizeof seal);
  file.write_at(length, bytes);
}

std::string broken_seal(int descriptor, const FaceBytes& faces) {
  const std::uint64_t length = length_of(descriptor);
  Seal found;
  if (length < sizeof found) return "it is too short to have a seal";
  read_at(descriptor, length - sizeof found, &found, sizeof found);
  if (found.name != word || found.length != length - sizeof found) return "its seal is gone";
  if (faces.count > 0 && (faces.begin > found.length || faces.count > found.length - faces.begin))
    return "its seal stands before its last image";
  if (found != seal_of(descriptor, found.length, faces)) return "its seal does not fit to what stands before it";
  return {};
}

}  // namespace fergraph
