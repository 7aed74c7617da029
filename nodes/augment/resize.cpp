#include "nodes/augment/resize.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "nodes/augment/magnitude.hpp"

namespace fergraph {
namespace {

constexpr int precision_bits = 32 - 8 - 2;  // of weights; descale() takes them off again

double sinc(double x) { return x == 0 ? 1 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi); }

double support_of(Resampling resampling) {
  return resampling == Resampling::bilinear ? 1 : resampling == Resampling::bicubic ? 2 : 3;
}

double weight_at(Resampling resampling, double x) {
  switch (resampling) {
    case Resampling::bilinear:
      x = std::abs(x);
      return x < 1 ? 1 - x : 0;
    case Resampling::bicubic: {
      constexpr double a = -0.5;
      x = std::abs(x);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
    case Resampling::lanczos:
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    case Resampling::nearest:
      break;
  }
  return 0;
}

// What each place of one axis of the result is made of.
struct Weights {
  int from = 0, to = 0;  // sizes of the axis
  Resampling resampling = Resampling::nearest;
  int taps = 0;  // room per place
  std::vector<int> begin, count;
  std::vector<std::int32_t> values;
  std::vector<double> exact;  // of one place, while it is computed

  void compute(int from_size, int to_size, Resampling kind) {
    from = from_size;
    to = to_size;
    resampling = kind;
    const double scale = static_cast<double>(from) / to;
    const double filter_scale = std::max(scale, 1.0);
    const double support = support_of(kind) * filter_scale;
    taps = static_cast<int>(std::ceil(support)) * 2 + 1;
    begin.resize(static_cast<std::size_t>(to));
    count.resize(static_cast<std::size_t>(to));
    values.assign(static_cast<std::size_t>(to * taps), 0);
    exact.resize(static_cast<std::size_t>(taps));
    for (int place = 0; place < to; ++place) {
      const double centre = (place + 0.5) * scale;
      const int first = std::max(0, static_cast<int>(centre - support + 0.5));
      const int last = std::min(from, static_cast<int>(centre + support + 0.5));
      double sum = 0;
      for (int i = first; i < last; ++i)
        sum += exact[static_cast<std::size_t>(i - first)] = weight_at(kind, (i - centre + 0.5) * (1.0 / filter_scale));
      for (int i = first; i < last; ++i) {
        const double share = exact[static_cast<std::size_t>(i - first)] / (sum != 0 ? sum : 1);
        values[static_cast<std::size_t>(place * taps + i - first)] =
            static_cast<std::int32_t>((share < 0 ? -0.5 : 0.5) + share * (1 << precision_bits));
      }
      begin[static_cast<std::size_t>(place)] = first;
      count[static_cast<std::size_t>(place)] = last - first;
    }
  }
};

// A thread meets the same few sizes again and again.
const Weights& weights_of(int from, int to, Resampling resampling) {
  thread_local std::array<Weights, 4> known;
  thread_local std::size_t next = 0;
  for (const Weights& each : known)
    if (each.from == from && each.to == to && each.resampling == resampling) return each;
  Weights& weights = known[next];
  next = (next + 1) % known.size();
  weights.compute(from, to, resampling);
  return weights;
}

void resize_width(Canvas& canvas, int width, Resampling resampling) {
  auto [from, to] = canvas.redraw(width, canvas.height());
  const Weights& weights = weights_of(from.cols, width, resampling);
  const std::size_t bytes = 3 * static_cast<std::size_t>(from.cols);
  std::uint8_t* const line = ViewBuffers::of_this_thread().line(bytes);
  for (int y = 0; y < from.rows; ++y) {
    std::memcpy(line, from.ptr(y), bytes);
    resample(line, weights.begin.data(), weights.count.data(), weights.values.data(), weights.taps, width, to.ptr(y));
  }
}

void resize_height(Canvas& canvas, int height, Resampling resampling) {
  auto [from, to] = canvas.redraw(canvas.width(), height);
  const Weights& weights = weights_of(from.rows, height, resampling);
  const std::size_t bytes = 3 * static_cast<std::size_t>(from.cols);
  std::int32_t* const sums = ViewBuffers::of_this_thread().sums(bytes);
  for (int y = 0; y < height; ++y) {
    const auto row = static_cast<std::size_t>(y);
    std::fill_n(sums, bytes, 1 << (precision_bits - 1));
    for (int i = 0; i < weights.count[row]; ++i)
      add_weighted(from.ptr(weights.begin[row] + i), weights.values[row * static_cast<std::size_t>(weights.taps) + i],
                   bytes, sums);
    descale(sums, bytes, to.ptr(y));
  }
}

// Pillow's ImagingScaleAffine: the pixel that the centre falls into.
void resize_nearest(Canvas& canvas, int width, int height) {
  auto [from, to] = canvas.redraw(width, height);
  const double x_step = static_cast<double>(from.cols) / width, y_step = static_cast<double>(from.rows) / height;
  double y_at = y_step * 0.5;
  for (int y = 0; y < height; ++y, y_at += y_step) {
    const std::uint8_t* row = from.ptr(std::min(static_cast<int>(y_at), from.rows - 1));
    std::uint8_t* pixel = to.ptr(y);
    double x_at = x_step * 0.5;
    for (int x = 0; x < width; ++x, pixel += 3, x_at += x_step)
      std::memcpy(pixel, row + 3 * std::min(static_cast<int>(x_at), from.cols - 1), 3);
  }
}

class Resize : public Operation {
 public:
  void apply(Canvas& canvas, Random&) const override { resize(canvas, size.width, size.height, resampling); }
  PixelSize size;
  Resampling resampling = Resampling::bilinear;
};

}  // namespace

void resize(Canvas& canvas, int width, int height, Resampling resampling) {
  if (resampling == Resampling::nearest) {
    if (canvas.width() != width || canvas.height() != height) resize_nearest(canvas, width, height);
    return;
  }
  if (canvas.width() != width) resize_width(canvas, width, resampling);
  if (canvas.height() != height) resize_height(canvas, height, resampling);
}

std::vector<OperationType> resize_operations() {
  return {OperationContract<Resize>("resize", "another size, as Pillow resizes, with antialiasing")
              .param(&Resize::size, "size", "the new size", required, in_range(1, 8192))
              .param(&Resize::resampling, "filter", "how")
              .type()};
}

}  // namespace fergraph
