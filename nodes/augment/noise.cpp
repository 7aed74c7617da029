#include "nodes/augment/noise.hpp"

#include <algorithm>
#include <cmath>

namespace fergraph {
namespace {

// The sum is cut off to a whole level and clipped to 0 … 255, as NumPy's clip and cast in the code of Zhang et al.,
// ECCV 2022.
std::uint8_t with_noise(std::uint8_t level, float noise) {
  return static_cast<std::uint8_t>(std::clamp(static_cast<float>(level) + noise, 0.0F, 255.0F));
}

class GaussianNoise : public Operation {
 public:
  void apply(Canvas& canvas, Random& random) const override {
    if (variance <= 0) return;
    cv::Mat& image = canvas.writable();
    const float deviation = std::sqrt(static_cast<float>(variance));
    const int levels = 3 * image.cols;
    for (int y = 0; y < image.rows; ++y) {
      std::uint8_t* const level = image.ptr(y);
      // Both numbers of each pair that Box and Muller's transform gives.
      for (int i = 0; i < levels; i += 2) {
        const float u = (static_cast<float>(random.bits32() >> 8) + 1) * 0x1.0p-24F;
        const float angle = static_cast<float>(random.bits32() >> 8) * (6.2831853F * 0x1.0p-24F);
        const float radius = deviation * std::sqrt(-2 * std::log(u));
        level[i] = with_noise(level[i], radius * std::cos(angle));
        if (i + 1 < levels) level[i + 1] = with_noise(level[i + 1], radius * std::sin(angle));
      }
    }
  }
  double variance = 0;
};

}  // namespace

std::vector<OperationType> noise_operations() {
  return {OperationContract<GaussianNoise>("noise", "normal noise added to every level")
              .param(&GaussianNoise::variance, "variance", "of the noise, in levels of 0 … 255", required,
                     in_range(0, 65025))
              .type()};
}

}  // namespace fergraph
