#include "cache/checksum.hpp"

#include <xxhash.h>

#include <array>

namespace fergraph {

std::uint64_t checksum_of(std::span<const std::uint8_t> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

void RunningChecksum::add(const void* data, std::size_t bytes) {
  const std::array<std::uint64_t, 3> link{value_, bytes, XXH3_64bits(data, bytes)};
  value_ = XXH3_64bits(link.data(), sizeof link);
}

}  // namespace fergraph
