#include "nodes/augment/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "nodes/augment/magnitude.hpp"

namespace fergraph {
namespace {

constexpr std::int64_t one = 65536;  // of 16.16 fixed point
constexpr Colour black{};

std::int64_t fixed(double value) { return static_cast<std::int64_t>(std::floor(value * one + 0.5)); }

struct Columns {
  int begin;
  int end;
};

// The columns x of `within` for which start + x·step lies in [0, limit).
Columns columns_inside(std::int64_t start, std::int64_t step, std::int64_t limit, Columns within) {
  const auto floor_of = [](std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); };
  if (step == 0) return start >= 0 && start < limit ? within : Columns{within.begin, within.begin};
  // The least x with start + x·step >= bound, for step > 0; a mirrored condition for step < 0.
  const std::int64_t at_zero = step > 0 ? -floor_of(start, step) : floor_of(start - limit, -step) + 1;
  const std::int64_t at_limit = step > 0 ? -floor_of(start - limit, step) : floor_of(start, -step) + 1;
  const auto begin = static_cast<int>(std::clamp<std::int64_t>(at_zero, within.begin, within.end));
  const auto end = static_cast<int>(std::clamp<std::int64_t>(at_limit, begin, within.end));
  return {begin, end};
}

// A row of the result: pixels from (x, y) on in steps, all of which lie inside. Whole words are faster to move than
// three bytes, but one must not be read behind the picture's last pixel.
template <bool words>
void gather(const cv::Mat& from, std::int64_t x, std::int64_t y, std::int64_t dx, std::int64_t dy, int count,
            std::uint8_t* to) {
  const std::uint8_t* const pixels = from.data;
  const std::size_t row = from.step;
  for (int i = 0; i < count; ++i, to += 3, x += dx, y += dy) {
    const std::uint8_t* pixel =
        pixels + static_cast<std::size_t>(y >> 16) * row + 3 * static_cast<std::size_t>(x >> 16);
    if constexpr (words) {
      std::uint32_t word;
      std::memcpy(&word, pixel, 4);
      std::memcpy(to, &word, 4);
    } else {
      std::memcpy(to, pixel, 3);
    }
  }
}

class Flip : public Operation {
 public:
  Flip() { probability = 0.5; }
  void apply(Canvas& canvas, Random&) const override { canvas.mirror(); }
};

class Crop : public Operation {
 public:
  void apply(Canvas& canvas, Random& random) const override {
    const int width = size.width > 0 ? size.width : canvas.width();
    const int height = size.height > 0 ? size.height : canvas.height();
    const int x = place(canvas.width(), width, random);
    const int y = place(canvas.height(), height, random);
    canvas.cut({x, y, width, height}, fill);
  }

  int padding = 0;
  PixelSize size;
  Colour fill{};

 private:
  // Where the crop begins, anywhere in the padded picture; one that is larger than that lies in its middle.
  int place(int side, int cropped, Random& random) const {
    const int room = side + 2 * padding - cropped;
    return room < 0 ? room / 2 - padding : static_cast<int>(random.below(room + 1)) - padding;
  }
};

// Operations of one drawn magnitude.
template <void (*change)(Canvas&, double)>
class Moved : public Operation {
 public:
  void apply(Canvas& canvas, Random& random) const override { change(canvas, magnitude.draw(random)); }
  Magnitude magnitude;
};

template <void (*change)(Canvas&, double)>
OperationType moved(const char* name, const char* doc, const char* parameter, const char* parameter_doc,
                    const Limit& limit) {
  using Kind = Moved<change>;
  return OperationContract<Kind>(name, doc).param(&Kind::magnitude, parameter, parameter_doc, required, limit).type();
}

}  // namespace

void transform_nearest(Canvas& canvas, const std::array<double, 6>& m) {
  auto [from, to] = canvas.redraw(canvas.width(), canvas.height());
  const Columns all{0, to.cols};
  const std::int64_t dx = fixed(m[0]), dy = fixed(m[3]);
  std::int64_t x = fixed(m[2] + m[0] * 0.5 + m[1] * 0.5);
  std::int64_t y = fixed(m[5] + m[3] * 0.5 + m[4] * 0.5);
  for (int row = 0; row < to.rows; ++row, x += fixed(m[1]), y += fixed(m[4])) {
    Columns inside = columns_inside(x, dx, std::int64_t{from.cols} << 16, all);
    inside = columns_inside(y, dy, std::int64_t{from.rows} << 16, inside);
    std::uint8_t* const line = to.ptr(row);
    const int count = inside.end - inside.begin;
    std::memset(line, 0, 3 * static_cast<std::size_t>(inside.begin));
    if (count > 0) {
      const std::int64_t x0 = x + inside.begin * dx, y0 = y + inside.begin * dy;
      std::uint8_t* const first = line + 3 * inside.begin;
      const std::int64_t lowest = std::max(y0, y0 + (count - 1) * dy) >> 16;
      if (dx == one && dy == 0)
        std::memcpy(first, from.ptr(static_cast<int>(y0 >> 16)) + 3 * (x0 >> 16), 3 * static_cast<std::size_t>(count));
      else if (lowest + 1 < from.rows)
        gather<true>(from, x0, y0, dx, dy, count, first);
      else
        gather<false>(from, x0, y0, dx, dy, count, first);
    }
    std::memset(line + 3 * inside.end, 0, 3 * static_cast<std::size_t>(to.cols - inside.end));
  }
}

void rotate(Canvas& canvas, double degrees) {
  // As Pillow writes it: an angle in 0 … 360, and a sine and cosine of 15 decimals.
  const double turn = std::fmod(degrees, 360.0);
  const double angle = -(turn < 0 ? turn + 360.0 : turn) * std::numbers::pi / 180;
  if (angle == 0) return;
  const double cosine = std::round(std::cos(angle) * 1e15) / 1e15;
  const double sine = std::round(std::sin(angle) * 1e15) / 1e15;
  const double x = canvas.width() / 2.0, y = canvas.height() / 2.0;
  transform_nearest(canvas, {cosine, sine, cosine * -x + sine * -y + x, -sine, cosine, -sine * -x + cosine * -y + y});
}

void shear_x(Canvas& canvas, double amount) {
  if (amount != 0) transform_nearest(canvas, {1, amount, 0, 0, 1, 0});
}

void shear_y(Canvas& canvas, double amount) {
  if (amount != 0) transform_nearest(canvas, {1, 0, 0, amount, 1, 0});
}

// Pillow adds 1 to v + 0.5 column by column; whole steps fall into the same pixels as one sum does, unless v·width
// comes within rounding (1e-13) of half a pixel.
void translate_x(Canvas& canvas, double fraction) {
  const int shift = static_cast<int>(std::floor(fraction * canvas.width() + 0.5));
  canvas.cut({shift, 0, canvas.width(), canvas.height()}, black);
}

void translate_y(Canvas& canvas, double fraction) {
  const int shift = static_cast<int>(std::floor(fraction * canvas.height() + 0.5));
  canvas.cut({0, shift, canvas.width(), canvas.height()}, black);
}

std::vector<OperationType> geometry_operations() {
  return {
      OperationContract<Flip>("flip", "left becomes right").type(),
      OperationContract<Crop>("crop", "a random part of the padded picture, of its own size or another")
          .param(&Crop::padding, "padding", "pixels added on every side first", required, in_range(0, 4096))
          .param(&Crop::size, "size", "of the part; 0: the picture's", in_range(0, 8192))
          .param(&Crop::fill, "fill", "what the padding shows")
          .type(),
      moved<rotate>("rotate", "turned counter-clockwise about its centre, nearest pixel, black outside", "degrees",
                    "the angle", in_range(-360, 360)),
      moved<shear_x>("shear_x", "rows moved left in proportion to their height", "amount", "pixels per row",
                     in_range(-8, 8)),
      moved<shear_y>("shear_y", "columns moved up in proportion to their place", "amount", "pixels per column",
                     in_range(-8, 8)),
      moved<translate_x>("translate_x", "moved left, black outside", "fraction", "of the width", in_range(-1, 1)),
      moved<translate_y>("translate_y", "moved up, black outside", "fraction", "of the height", in_range(-1, 1)),
  };
}

}  // namespace fergraph
