#include "nodes/augment/pixel_loops.hpp"

#include <algorithm>
#include <cstring>

#include "nodes/vectorised.hpp"

namespace fergraph {
namespace {

constexpr std::uint32_t grey_of(std::uint32_t r, std::uint32_t g, std::uint32_t b) {
  return (r * 19595 + g * 38470 + b * 7471 + 32768) >> 16;
}

}  // namespace

void look_up(const std::uint8_t* from, std::size_t count, const LevelTables& tables, std::uint8_t* to) {
  const std::uint8_t* red = tables[0].data();
  const std::uint8_t* green = tables[1].data();
  const std::uint8_t* blue = tables[2].data();
  std::size_t i = 0;
  // Eight pixels are three words; bytes are taken from and put into registers.
  for (; i + 8 <= count; i += 8, from += 24, to += 24) {
    std::uint64_t words[3];
    std::memcpy(words, from, 24);
    const std::uint8_t* tables_of[3] = {red, green, blue};
    for (int w = 0; w < 3; ++w) {
      std::uint64_t word = words[w], result = 0;
      for (int k = 0; k < 8; ++k)
        result |= static_cast<std::uint64_t>(tables_of[(8 * w + k) % 3][(word >> (8 * k)) & 255]) << (8 * k);
      words[w] = result;
    }
    std::memcpy(to, words, 24);
  }
  for (; i < count; ++i, from += 3, to += 3) {
    const std::uint8_t r = red[from[0]], g = green[from[1]], b = blue[from[2]];
    to[0] = r;
    to[1] = g;
    to[2] = b;
  }
}

FERGRAPH_VECTORISED
void mirror(const std::uint8_t* from, std::size_t count, std::uint8_t* to) {
  typedef std::uint8_t Bytes __attribute__((vector_size(16)));
  // Five pixels at a time, read with the byte before them so that nothing behind the row is touched. The sixteenth byte
  // that is written is overwritten by the next five.
  std::size_t i = 0;
  for (; i + 6 <= count; i += 5) {
    Bytes pixels;
    std::memcpy(&pixels, from + 3 * (count - i - 5) - 1, 16);
    pixels = __builtin_shufflevector(pixels, pixels, 13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3, 0);
    std::memcpy(to + 3 * i, &pixels, 16);
  }
  for (; i < count; ++i) std::memcpy(to + 3 * i, from + 3 * (count - 1 - i), 3);
}

void count_levels(const std::uint8_t* from, std::size_t count, Histograms& histograms) {
  // Neighbours are often equal: two sets of counters keep one increment from waiting for the last.
  Histograms second{};
  std::size_t i = 0;
  for (; i + 2 <= count; i += 2, from += 6) {
    ++histograms[0][from[0]];
    ++histograms[1][from[1]];
    ++histograms[2][from[2]];
    ++second[0][from[3]];
    ++second[1][from[4]];
    ++second[2][from[5]];
  }
  if (i < count)
    for (std::size_t c = 0; c < 3; ++c) ++histograms[c][from[c]];
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t level = 0; level < 256; ++level) histograms[c][level] += second[c][level];
}

FERGRAPH_VECTORISED
void grey_pixels(const std::uint8_t* __restrict from, std::size_t count, std::uint8_t* __restrict to) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto grey = static_cast<std::uint8_t>(grey_of(from[3 * i], from[3 * i + 1], from[3 * i + 2]));
    to[3 * i] = grey;
    to[3 * i + 1] = grey;
    to[3 * i + 2] = grey;
  }
}

FERGRAPH_VECTORISED
std::uint64_t grey_sum(const std::uint8_t* from, std::size_t count) {
  std::uint64_t total = 0;
  // A block's sum fits 32 bits, which vectors hold more of.
  constexpr std::size_t block = 1 << 16;
  for (std::size_t begin = 0; begin < count; begin += block) {
    const std::size_t end = std::min(count, begin + block);
    std::uint32_t sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += grey_of(from[3 * i], from[3 * i + 1], from[3 * i + 2]);
    total += sum;
  }
  return total;
}

FERGRAPH_VECTORISED
void blend(const std::uint8_t* a, const std::uint8_t* b, float factor, std::size_t bytes, std::uint8_t* to) {
  for (std::size_t i = 0; i < bytes; ++i) {
    const float product = factor * static_cast<float>(b[i] - a[i]);
    const float value = static_cast<float>(a[i]) + product;
    to[i] = static_cast<std::uint8_t>(static_cast<int>(std::min(std::max(value, 0.0F), 255.0F)));
  }
}

FERGRAPH_VECTORISED
void mix_with_grey(const std::uint8_t* from, std::size_t count, float of_level, float of_grey, float offset,
                   std::uint8_t* to) {
  const auto level = [](float value) { return static_cast<std::uint8_t>(std::min(std::max(value, 0.0F), 255.0F)); };
  for (std::size_t i = 0; i < count; ++i) {
    const auto r = static_cast<float>(from[3 * i]);
    const auto g = static_cast<float>(from[3 * i + 1]);
    const auto b = static_cast<float>(from[3 * i + 2]);
    const float common = of_grey * (0.299F * r + 0.587F * g + 0.114F * b) + (offset + 0.5F);
    to[3 * i] = level(of_level * r + common);
    to[3 * i + 1] = level(of_level * g + common);
    to[3 * i + 2] = level(of_level * b + common);
  }
}

FERGRAPH_VECTORISED
void smooth(const std::uint8_t* __restrict above, const std::uint8_t* __restrict middle,
            const std::uint8_t* __restrict below, std::size_t count, std::uint8_t* __restrict to) {
  const std::size_t bytes = 3 * count;
  std::memcpy(to, middle, 3);
  for (std::size_t i = 3; i + 3 < bytes; ++i) {
    const auto sum = static_cast<std::uint16_t>(above[i - 3] + above[i] + above[i + 3] + middle[i - 3] + middle[i] * 5 +
                                                middle[i + 3] + below[i - 3] + below[i] + below[i + 3]);
    // Pillow adds in float32 and rounds. sum/13 + 1/2 is never nearer than 1/26 to a whole number, so whole numbers
    // give the same; 5042/65536 is 1/13 to within what sums up to 13·255 need.
    to[i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>((sum + 6) * 5042) >> 16);
  }
  std::memcpy(to + bytes - 3, middle + bytes - 3, 3);
}

FERGRAPH_VECTORISED
void resample(const std::uint8_t* __restrict from, const int* __restrict begin, const int* __restrict count,
              const std::int32_t* __restrict weights, int taps, int places, std::uint8_t* __restrict to) {
  typedef std::int32_t Sums __attribute__((vector_size(16)));
  typedef std::uint8_t Bytes __attribute__((vector_size(16)));
  constexpr std::int32_t half = 1 << 21;
  const Sums darkest = {0, 0, 0, 0}, brightest = {255, 255, 255, 255};
  const Bytes none = {};
  for (int x = 0; x < places; ++x, to += 3, weights += taps) {
    const std::uint8_t* pixel = from + 3 * begin[x];
    Sums sums = {half, half, half, half};
    for (int i = 0; i < count[x]; ++i, pixel += 3) {
      std::int32_t word;  // red, green, blue, and one byte of the next pixel
      std::memcpy(&word, pixel, 4);
      const auto bytes = reinterpret_cast<Bytes>(Sums{word, 0, 0, 0});
      const Bytes levels =
          __builtin_shufflevector(bytes, none, 0, 16, 17, 18, 1, 19, 20, 21, 2, 22, 23, 24, 3, 25, 26, 27);
      sums += reinterpret_cast<Sums>(levels) * weights[i];
    }
    sums >>= 22;
    sums = sums < darkest ? darkest : sums;
    sums = sums > brightest ? brightest : sums;
    const auto bytes = reinterpret_cast<Bytes>(sums);
    const Bytes levels =
        __builtin_shufflevector(bytes, none, 0, 4, 8, 12, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
    std::memcpy(to, &levels, 4);
  }
}

FERGRAPH_VECTORISED
void add_weighted(const std::uint8_t* __restrict from, std::int32_t weight, std::size_t bytes,
                  std::int32_t* __restrict sums) {
  for (std::size_t i = 0; i < bytes; ++i) sums[i] += weight * from[i];
}

FERGRAPH_VECTORISED
void descale(const std::int32_t* __restrict sums, std::size_t bytes, std::uint8_t* __restrict to) {
  for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::uint8_t>(std::clamp(sums[i] >> 22, 0, 255));
}

}  // namespace fergraph
