// Random numbers for the synthetic photographs: counter-based, so that every photograph has its own stream and the
// result depends on neither the thread nor the standard library that draws them.
#pragma once

#include <cstdint>

namespace fergraph::synthetic {

/// Draws are made one to a statement: the order in which the arguments of a call or the operands of an operator are
/// evaluated is the compiler's choice, and the photographs must not depend on it.
class Random {
 public:
  /// A stream named by three numbers; streams with different names are independent for practical purposes.
  Random(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index)
      : key_(mix(mix(mix(seed) ^ (purpose + golden)) ^ (index + 2 * golden))) {}

  std::uint64_t bits() { return mix(key_ + golden * ++counter_); }

  /// Uniform in [0, 1), a multiple of 2^-24 (exact in a float).
  float uniform() { return static_cast<float>(bits() >> 40) * 0x1p-24f; }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }

  /// Mean 0, deviation 1, within (-6, 6): twelve 16-bit uniforms, because their sum is exact integer arithmetic.
  float normal() {
    std::uint32_t sum = 0;
    for (int draw = 0; draw < 3; ++draw) {
      const std::uint64_t word = bits();
      sum += static_cast<std::uint32_t>((word & 0xffff) + (word >> 16 & 0xffff) + (word >> 32 & 0xffff) + (word >> 48));
    }
    return static_cast<float>(static_cast<std::int32_t>(sum) - 6 * 65535) / 65536.0f;
  }

  bool chance(float probability) { return uniform() < probability; }

  /// Uniform in 0 … count - 1, for counts far below 2^32.
  int below(int count) { return static_cast<int>((bits() >> 32) * static_cast<std::uint64_t>(count) >> 32); }

 private:
  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15ULL;

  // SplitMix64's finaliser.
  static constexpr std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
  }

  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace fergraph::synthetic
