#include "nodes/face/cell_averages.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace fergraph {
namespace {

// Which pixels of a line are averaged into each cell, and with which shares: cell i is the sum over k < taps of
// weights[i * taps + k] times pixel first[i] + k, all of which are pixels of the line.
struct LineShares {
  int taps = 0;
  std::vector<int> first;
  std::vector<float> weights;
};

// `count` cells of `stretch` pixels, the first beginning at `begin`; pixels beyond the line's `length` are those of its
// ends, or nothing.
LineShares shares_of_line(double begin, double stretch, int count, int length, FaceBorder border) {
  LineShares shares;
  shares.taps = std::min(length, static_cast<int>(std::ceil(stretch)) + 1);
  shares.first.resize(static_cast<std::size_t>(count));
  shares.weights.assign(static_cast<std::size_t>(count) * static_cast<std::size_t>(shares.taps), 0);
  for (int i = 0; i < count; ++i) {
    const double low = begin + i * stretch, high = low + stretch;
    const int first = std::clamp(static_cast<int>(std::floor(low)), 0, length - shares.taps);
    shares.first[static_cast<std::size_t>(i)] = first;
    float* const weights = shares.weights.data() + static_cast<std::ptrdiff_t>(i) * shares.taps;
    for (int at = static_cast<int>(std::floor(low)); at < high; ++at) {
      if (border == FaceBorder::black && (at < 0 || at >= length)) continue;
      const double covered = std::min(high, at + 1.0) - std::max(low, static_cast<double>(at));
      weights[std::clamp(at, 0, length - 1) - first] += static_cast<float>(covered / stretch);
    }
  }
  return shares;
}

// The sum of lines with a weight each.
template <int taps>
void weigh_lines(const cv::Mat& pixels, int first, const float* weights, int, std::vector<float>& sums,
                 std::size_t length) {
  // Copies, and no overlap: bytes might be anything's, and the compiler would read everything again after each store.
  std::array<const std::uint8_t*, taps> lines;
  std::array<float, taps> shares;
  for (std::size_t k = 0; k < taps; ++k) {
    lines[k] = pixels.ptr(first + static_cast<int>(k));
    shares[k] = weights[k];
  }
  float* __restrict out = sums.data();
  for (std::size_t i = 0; i < length; ++i) {
    float sum = 0;
    for (std::size_t k = 0; k < taps; ++k) sum += shares[k] * lines[k][i];
    out[i] = sum;
  }
}

template <>
void weigh_lines<0>(const cv::Mat& pixels, int first, const float* weights, int taps, std::vector<float>& sums,
                    std::size_t length) {
  std::fill(sums.begin(), sums.end(), 0.0F);
  for (int k = 0; k < taps; ++k) {
    const std::uint8_t* const line = pixels.ptr(first + k);
    for (std::size_t i = 0; i < length; ++i) sums[i] += weights[k] * line[i];
  }
}

// One lane per channel: a pixel of a line is one vector, and what the other lanes hold is never used.
template <int channels, int known_taps>
void weigh_columns(const std::vector<float>& sums, const LineShares& columns, std::uint8_t* out) {
  using Lanes [[gnu::vector_size(16)]] = float;
  using Whole [[gnu::vector_size(16)]] = int;
  const int taps = known_taps ? known_taps : columns.taps;
  const float* weight = columns.weights.data();
  for (const int first : columns.first) {
    const float* const at = sums.data() + static_cast<std::ptrdiff_t>(first) * channels;
    Lanes sum = {0.5F, 0.5F, 0.5F, 0.5F};
    for (int k = 0; k < taps; ++k) {
      Lanes lanes;
      std::memcpy(&lanes, at + static_cast<std::ptrdiff_t>(k) * channels, sizeof lanes);
      sum += weight[k] * lanes;
    }
    weight += taps;
    const Whole rounded = __builtin_convertvector(sum, Whole);
    for (int c = 0; c < channels; ++c) *out++ = static_cast<std::uint8_t>(rounded[c]);
  }
}

// The numbers of taps that a shrunk JPEG needs are known to the compiler, which unrolls their loops; 0 is any other.
template <int taps>
void weigh_lines_of(const cv::Mat& pixels, const LineShares& rows, int y, std::vector<float>& sums,
                    std::size_t length) {
  weigh_lines<taps>(pixels, rows.first[static_cast<std::size_t>(y)],
                    rows.weights.data() + static_cast<std::ptrdiff_t>(y) * rows.taps, rows.taps, sums, length);
}

// The averages over the cells: what cv::INTER_AREA is where the grid begins and ends with pixels, which it seldom does
// where the decoder has made them coarser.
template <int channels>
cv::Mat average_cells(const cv::Mat& pixels, const CellGrid& grid, FaceBorder border) {
  const LineShares columns = shares_of_line(grid.left, grid.width, grid.size.width, pixels.cols, border);
  const LineShares rows = shares_of_line(grid.top, grid.height, grid.size.height, pixels.rows, border);
  cv::Mat averaged(grid.size, pixels.type());
  const auto length = static_cast<std::size_t>(pixels.cols) * channels;
  std::vector<float> sums(length + 4);  // the last vector reaches beyond the line
  const auto lines = rows.taps == 2   ? weigh_lines_of<2>
                     : rows.taps == 3 ? weigh_lines_of<3>
                     : rows.taps == 4 ? weigh_lines_of<4>
                                      : weigh_lines_of<0>;
  const auto cells = columns.taps == 2   ? weigh_columns<channels, 2>
                     : columns.taps == 3 ? weigh_columns<channels, 3>
                     : columns.taps == 4 ? weigh_columns<channels, 4>
                                         : weigh_columns<channels, 0>;
  for (int y = 0; y < grid.size.height; ++y) {
    lines(pixels, rows, y, sums, length);
    cells(sums, columns, averaged.ptr(y));
  }
  return averaged;
}

}  // namespace

cv::Mat average_cells(const cv::Mat& pixels, const CellGrid& grid, FaceBorder border) {
  return pixels.channels() == 3 ? average_cells<3>(pixels, grid, border) : average_cells<1>(pixels, grid, border);
}

}  // namespace fergraph
