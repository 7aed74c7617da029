#include "nodes/augment/erase.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nodes/augment/magnitude.hpp"

namespace fergraph {
namespace {

void fill_rectangle(Canvas& canvas, cv::Rect place, const Colour& fill) {
  cv::Mat& image = canvas.writable();
  place &= cv::Rect(0, 0, image.cols, image.rows);
  for (int y = place.y; y < place.y + place.height; ++y) {
    std::uint8_t* pixel = image.ptr(y) + 3 * place.x;
    for (int x = 0; x < place.width; ++x, pixel += 3) std::memcpy(pixel, fill.data(), 3);
  }
}

// Four levels for each number of the sequence.
void fill_with_noise(Canvas& canvas, const cv::Rect& place, Random& random) {
  cv::Mat& image = canvas.writable();
  std::uint32_t bits = 0;
  int left = 0;
  for (int y = place.y; y < place.y + place.height; ++y) {
    std::uint8_t* level = image.ptr(y) + 3 * place.x;
    for (int i = 0; i < 3 * place.width; ++i, bits >>= 8) {
      if (left == 0) {
        bits = random.bits32();
        left = 4;
      }
      --left;
      level[i] = static_cast<std::uint8_t>(bits & 255);
    }
  }
}

class Cutout : public Operation {
 public:
  void apply(Canvas& canvas, Random& random) const override {
    const double fraction = side.draw(random);
    const double x = random.uniform(0, canvas.width());
    const double y = random.uniform(0, canvas.height());
    cut_out(canvas, fraction, x, y, fill);
  }
  UpTo side{{0, 0.5}};
  Colour fill{125, 123, 114};
};

class RandomErasing : public Operation {
 public:
  RandomErasing() { probability = 0.5; }
  void apply(Canvas& canvas, Random& random) const override;
  Magnitude scale{0.02, 0.33};
  Magnitude ratio{0.3, 3.3};
  Fill fill{{124, 116, 104}, false};
};

void RandomErasing::apply(Canvas& canvas, Random& random) const {
  const int width = canvas.width(), height = canvas.height();
  // A part that does not fit is drawn again, ten times as in torchvision; then the view stays whole.
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = scale.draw(random) * width * height;
    const double aspect = std::exp(random.uniform(std::log(ratio.low), std::log(ratio.high)));
    const int rows = static_cast<int>(std::nearbyint(std::sqrt(area * aspect)));
    const int columns = static_cast<int>(std::nearbyint(std::sqrt(area / aspect)));
    if (rows >= height || columns >= width) continue;
    const int y = static_cast<int>(random.below(height - rows + 1));
    const int x = static_cast<int>(random.below(width - columns + 1));
    const cv::Rect place(x, y, columns, rows);
    if (fill.is_noise)
      fill_with_noise(canvas, place, random);
    else
      fill_rectangle(canvas, place, fill.colour);
    return;
  }
}

}  // namespace

void cut_out(Canvas& canvas, double fraction, double x, double y, const Colour& fill) {
  if (fraction <= 0) return;
  const double side = fraction * canvas.width();
  const int left = static_cast<int>(std::max(0.0, x - side / 2));
  const int top = static_cast<int>(std::max(0.0, y - side / 2));
  const int right = static_cast<int>(std::min<double>(canvas.width(), left + side));
  const int bottom = static_cast<int>(std::min<double>(canvas.height(), top + side));
  fill_rectangle(canvas, {left, top, right - left + 1, bottom - top + 1}, fill);
}

std::vector<OperationType> erase_operations() {
  return {
      OperationContract<Cutout>("cutout", "a square erased, about a centre drawn anywhere, cut off at the borders")
          .param(&Cutout::side, "side", "as a fraction of the width", in_range(0, 1))
          .param(&Cutout::fill, "fill", "its colour")
          .type(),
      OperationContract<RandomErasing>("random_erasing", "a rectangle erased (Zhong et al., AAAI 2020)")
          .param(&RandomErasing::probability, "probability", "how often it is applied", in_range(0, 1))
          .param(&RandomErasing::scale, "scale", "its area as a fraction of the picture's", in_range(0, 1))
          .param(&RandomErasing::ratio, "ratio", "its height over its width, uniform in the logarithm", above(0))
          .param(&RandomErasing::fill, "fill",
                 "its colour; where torchvision erases to 0 after normalising, the mean that the network subtracts")
          .type(),
  };
}

}  // namespace fergraph
