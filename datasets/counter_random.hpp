// Random numbers that are the same on every machine and with every standard library: a counter-based generator of our
// own, because std::shuffle and the distributions of <random> are not specified to the bit.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace fergraph {

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): four 32-bit numbers that
/// depend on counter and key alone.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// A sequence of numbers that depends on (seed, purpose, stream) alone; different purposes and streams are independent.
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint32_t purpose, std::uint32_t stream)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        purpose_(purpose),
        stream_(stream) {}
  std::uint64_t next();
  /// Uniform in [0, bound), without bias; bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Fisher-Yates.
  void shuffle(std::vector<std::int64_t>& values);

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint32_t purpose_, stream_;
  std::uint64_t calls_ = 0;
};

}  // namespace fergraph
