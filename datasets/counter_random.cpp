#include "datasets/counter_random.hpp"

#include <utility>

namespace fergraph {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

std::uint64_t CounterRandom::next() {
  const auto block =
      philox({static_cast<std::uint32_t>(calls_), static_cast<std::uint32_t>(calls_ >> 32), purpose_, stream_}, key_);
  ++calls_;
  return std::uint64_t{block[1]} << 32 | block[0];
}

std::uint64_t CounterRandom::below(std::uint64_t bound) {
  // The lowest 2^64 mod bound values would make small results more likely.
  const std::uint64_t biased = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t value = next();
    if (value >= biased) return value % bound;
  }
}

void CounterRandom::shuffle(std::vector<std::int64_t>& values) {
  for (std::size_t left = values.size(); left > 1; --left) std::swap(values[left - 1], values[below(left)]);
}

}  // namespace fergraph
