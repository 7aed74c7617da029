// The checksum that tells a face's bytes from damaged ones: XXH3-64, which runs at the speed of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fergraph {

std::uint64_t checksum_of(std::span<const std::uint8_t> bytes);

/// One checksum over many pieces in order; the pieces' lengths count, so no byte can wander from one to the next.
class RunningChecksum {
 public:
  void add(const void* data, std::size_t bytes);
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace fergraph
