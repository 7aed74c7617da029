#include "nodes/augment/colour.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nodes/augment/levels.hpp"
#include "nodes/augment/magnitude.hpp"

namespace fergraph {
namespace {

// Brightness, contrast about the mean grey, and saturation, each by a factor drawn from 1 ± strength.
class ColourJitter : public Operation {
 public:
  void apply(Canvas& canvas, Random& random) const override {
    const double bright = random.uniform(1 - strength, 1 + strength);
    const double contrasted = random.uniform(1 - strength, 1 + strength);
    const double saturated = random.uniform(1 - strength, 1 + strength);
    change(canvas, static_cast<float>(bright), static_cast<float>(contrasted), static_cast<float>(saturated));
  }
  double strength = 0;

 private:
  static void change(Canvas& canvas, float bright, float contrasted, float saturated);
};

void ColourJitter::change(Canvas& canvas, float bright, float contrasted, float saturated) {
  cv::Mat& image = canvas.writable();
  const std::size_t pixels = image.total();
  const float mean = bright * static_cast<float>(grey_sum(image.data, pixels)) / static_cast<float>(pixels);
  // grey + s·(v - grey), brightened, contrasted about the mean: one weight for the level, one for its grey.
  const float of_level = contrasted * bright * saturated;
  const float of_grey = contrasted * bright * (1 - saturated);
  mix_with_grey(image.data, pixels, of_level, of_grey, (1 - contrasted) * mean, image.data);
}

template <void (*change)(Canvas&)>
class Plain : public Operation {
 public:
  void apply(Canvas& canvas, Random&) const override { change(canvas); }
};

template <void (*change)(Canvas&)>
OperationType plain(const char* name, const char* doc) {
  return OperationContract<Plain<change>>(name, doc).type();
}

template <void (*change)(Canvas&, double)>
class Enhanced : public Operation {
 public:
  void apply(Canvas& canvas, Random& random) const override { change(canvas, magnitude.draw(random)); }
  Magnitude magnitude;
};

template <void (*change)(Canvas&, double)>
OperationType enhanced(const char* name, const char* doc, const char* parameter, const char* parameter_doc,
                       const Limit& limit) {
  using Kind = Enhanced<change>;
  return OperationContract<Kind>(name, doc).param(&Kind::magnitude, parameter, parameter_doc, required, limit).type();
}

}  // namespace

void auto_contrast(Canvas& canvas) { canvas.replace_levels(stretched_levels(canvas.histograms())); }

void equalize(Canvas& canvas) { canvas.replace_levels(equalized_levels(canvas.histograms())); }

void invert(Canvas& canvas) { canvas.replace_levels(inverted_levels()); }

void posterize(Canvas& canvas, double bits) {
  const int whole = std::clamp(static_cast<int>(bits), 1, 8);
  if (whole < 8) canvas.replace_levels(posterized_levels(whole));
}

void solarize(Canvas& canvas, double threshold) { canvas.replace_levels(solarized_levels(threshold)); }

void brightness(Canvas& canvas, double factor) { canvas.replace_levels(blended_levels(0, factor)); }

void contrast(Canvas& canvas, double factor) {
  const cv::Mat& image = canvas.pixels();
  std::uint64_t sum = 0;
  for (int y = 0; y < image.rows; ++y) sum += grey_sum(image.ptr(y), static_cast<std::size_t>(image.cols));
  const double mean = static_cast<double>(sum) / static_cast<double>(image.total());
  canvas.replace_levels(blended_levels(static_cast<std::uint8_t>(mean + 0.5), factor));
}

void saturation(Canvas& canvas, double factor) {
  auto [from, to] = canvas.redraw(canvas.width(), canvas.height());
  const auto width = static_cast<std::size_t>(from.cols);
  std::uint8_t* const grey = ViewBuffers::of_this_thread().line(3 * width);
  for (int y = 0; y < from.rows; ++y) {
    grey_pixels(from.ptr(y), width, grey);
    blend(grey, from.ptr(y), static_cast<float>(factor), 3 * width, to.ptr(y));
  }
}

void sharpness(Canvas& canvas, double factor) {
  // Pillow's filter leaves the picture's border as it is; without an inside nothing changes.
  if (canvas.width() < 3 || canvas.height() < 3) return;
  auto [from, to] = canvas.redraw(canvas.width(), canvas.height());
  const auto width = static_cast<std::size_t>(from.cols);
  std::uint8_t* const line = ViewBuffers::of_this_thread().line(3 * width);
  for (int y = 0; y < from.rows; ++y) {
    std::uint8_t* const row = to.ptr(y);
    if (y == 0 || y == from.rows - 1) {
      std::memcpy(row, from.ptr(y), 3 * width);
      continue;
    }
    smooth(from.ptr(y - 1), from.ptr(y), from.ptr(y + 1), width, line);
    blend(line, from.ptr(y), static_cast<float>(factor), 3 * width, row);
  }
}

std::vector<OperationType> colour_operations() {
  const Limit factor = in_range(0, 16);
  return {
      OperationContract<ColourJitter>("colour", "brightness, contrast and saturation each changed at random")
          .param(&ColourJitter::strength, "strength", "largest relative change", required, in_range(0, 1))
          .type(),
      plain<auto_contrast>("auto_contrast", "each colour stretched to the whole range"),
      plain<equalize>("equalize", "each colour's histogram made flat"),
      plain<invert>("invert", "levels inverted"),
      enhanced<posterize>("posterize", "only the highest bits kept", "bits", "how many, of which the whole ones count",
                          in_range(1, 9)),
      enhanced<solarize>("solarize", "levels from a threshold on inverted", "threshold", "the level", in_range(0, 256)),
      enhanced<brightness>("brightness", "blended with black", "factor", "1: as it is; 0: black", factor),
      enhanced<contrast>("contrast", "blended with its mean grey", "factor", "1: as it is; 0: grey", factor),
      enhanced<saturation>("saturation", "blended with its greys (Pillow's Color)", "factor",
                           "1: as it is; 0: without colours", factor),
      enhanced<sharpness>("sharpness", "blended with itself smoothed", "factor", "1: as it is; 0: smoothed", factor),
  };
}

}  // namespace fergraph
