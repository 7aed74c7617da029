// The loops over pixels that views spend their time in, compiled for AVX2 and for any x86-64 (or other) processor. All
// take RGB bytes, three to a pixel; `count` is pixels. Inputs are never written, and nothing beyond them is read
// unless it is said.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fergraph {

/// A level for each level.
using LevelTable = std::array<std::uint8_t, 256>;
/// Tables of red, green and blue.
using LevelTables = std::array<LevelTable, 3>;
/// How many pixels have each level, of red, green and blue.
using Histograms = std::array<std::array<std::uint32_t, 256>, 3>;

/// to[i] = table[from[i]]; the two may be the same.
void look_up(const std::uint8_t* from, std::size_t count, const LevelTables& tables, std::uint8_t* to);

/// The pixels from right to left. `from` and `to` must not overlap.
void mirror(const std::uint8_t* from, std::size_t count, std::uint8_t* to);

/// Adds the levels of these pixels.
void count_levels(const std::uint8_t* from, std::size_t count, Histograms& histograms);

/// Each pixel's grey three times, Pillow's "L": (19595 R + 38470 G + 7471 B + 32768) >> 16, ITU-R 601.
void grey_pixels(const std::uint8_t* from, std::size_t count, std::uint8_t* to);

/// The sum of those greys.
std::uint64_t grey_sum(const std::uint8_t* from, std::size_t count);

/// to = a + factor·(b - a) in float32, cut off towards zero and clipped to 0 … 255: Pillow's blend. `to` may be `a`
/// or `b`. `bytes` is a number of bytes.
void blend(const std::uint8_t* a, const std::uint8_t* b, float factor, std::size_t bytes, std::uint8_t* to);

/// to = level·of_level + grey·of_grey + offset for each level of a pixel and the pixel's grey (not rounded), rounded
/// and clipped to 0 … 255; the two may be the same.
void mix_with_grey(const std::uint8_t* from, std::size_t count, float of_level, float of_grey, float offset,
                   std::uint8_t* to);

/// The middle of three rows through Pillow's SMOOTH filter, (1 1 1, 1 5 1, 1 1 1)/13, rounded; its first and last pixel
/// stay as they are. Requires count >= 2.
void smooth(const std::uint8_t* above, const std::uint8_t* middle, const std::uint8_t* below, std::size_t count,
            std::uint8_t* to);

/// A row of `places` pixels, each the sum of count[i] pixels of `from` from begin[i] on, weighted by whole numbers of
/// which one is 2^22: weights[i·taps …]. Rounded and clipped. One byte behind each of
/// the two rows is read and written.
void resample(const std::uint8_t* from, const int* begin, const int* count, const std::int32_t* weights, int taps,
              int places, std::uint8_t* to);

/// sums[i] += weight·from[i] for whole numbers. `bytes` is a number of bytes.
void add_weighted(const std::uint8_t* from, std::int32_t weight, std::size_t bytes, std::int32_t* sums);

/// to[i] = sums[i] >> 22, clipped to 0 … 255.
void descale(const std::int32_t* sums, std::size_t bytes, std::uint8_t* to);

}  // namespace fergraph
