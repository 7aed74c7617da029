#include "nodes/augment/rand_augment.hpp"

#include <array>
#include <cmath>
#include <numbers>

#include "nodes/augment/colour.hpp"
#include "nodes/augment/geometry.hpp"

namespace fergraph {
namespace {

void unchanged(Canvas&, double) {}
void stretched(Canvas& canvas, double) { auto_contrast(canvas); }
void equalized(Canvas& canvas, double) { equalize(canvas); }

constexpr std::array<PoolEntry, 14> pool_of_ranges = {{{"auto_contrast", 0, 1, stretched},
                                                       {"brightness", 0.05, 0.95, brightness},
                                                       {"saturation", 0.05, 0.95, saturation},
                                                       {"contrast", 0.05, 0.95, contrast},
                                                       {"equalize", 0, 1, equalized},
                                                       {"identity", 0, 1, unchanged},
                                                       {"posterize", 4, 8, posterize},
                                                       {"rotate", -30, 30, rotate},
                                                       {"sharpness", 0.05, 0.95, sharpness},
                                                       {"shear_x", -0.3, 0.3, shear_x},
                                                       {"shear_y", -0.3, 0.3, shear_y},
                                                       {"solarize", 0, 256, solarize},
                                                       {"translate_x", -0.3, 0.3, translate_x},
                                                       {"translate_y", -0.3, 0.3, translate_y}}};

// torch.linspace in float32: from both ends towards the middle.
double evenly_spaced(float low, float high, int bins, int bin) {
  if (bins == 1) return low;
  const float step = (high - low) / static_cast<float>(bins - 1);
  return bin < bins / 2 ? low + step * static_cast<float>(bin) : high - step * static_cast<float>(bins - 1 - bin);
}

// torchvision hands a shear on as an angle.
double by_angle(double amount) {
  const double degrees = std::atan(amount) * 180 / std::numbers::pi;
  return std::tan(degrees * std::numbers::pi / 180);
}

class RandAugment : public Operation {
 public:
  void apply(Canvas& canvas, Random& random) const override {
    for (int i = 0; i < operations; ++i) {
      if (pool == AugmentPool::torchvision) {
        const auto index = static_cast<int>(random.below(torchvision_pool_size));
        apply_torchvision(canvas, index, magnitude, bins, random.below(2) == 1);
        continue;
      }
      const PoolEntry& entry = pool_of_ranges[static_cast<std::size_t>(random.below(pool_of_ranges.size()))];
      entry.apply(canvas, random.uniform(entry.low, entry.high));
    }
  }

  void check(const Place& place) const override {
    if (magnitude >= bins)
      throw PipelineError(place, "The magnitude " + std::to_string(magnitude) + " is not one of the " +
                                     std::to_string(bins) + " bins, which count from 0. Lower it, or raise 'bins'.");
  }

  int operations = 2;
  AugmentPool pool = AugmentPool::uniform;
  int magnitude = 9;
  int bins = 31;
};

}  // namespace

std::span<const PoolEntry> uniform_pool() { return pool_of_ranges; }

void apply_torchvision(Canvas& canvas, int index, int bin, int bins, bool negative) {
  const auto spaced = [&](float low, float high) { return evenly_spaced(low, high, bins, bin); };
  const auto directed = [&](float low, float high) { return negative ? -spaced(low, high) : spaced(low, high); };
  // It moves to the right and down by whole pixels, where FixMatch's moves to the left and up.
  const auto shift = [&](int side) { return -std::trunc(directed(0, static_cast<float>(150.0 / 331.0 * side))); };
  switch (index) {
    case 0:
      return;
    case 1:
      return shear_x(canvas, by_angle(directed(0, 0.3F)));
    case 2:
      return shear_y(canvas, by_angle(directed(0, 0.3F)));
    case 3:
      return canvas.cut({static_cast<int>(shift(canvas.width())), 0, canvas.width(), canvas.height()}, Colour{});
    case 4:
      return canvas.cut({0, static_cast<int>(shift(canvas.height())), canvas.width(), canvas.height()}, Colour{});
    case 5:
      return rotate(canvas, directed(0, 30));
    case 6:
      return brightness(canvas, 1 + directed(0, 0.9F));
    case 7:
      return saturation(canvas, 1 + directed(0, 0.9F));
    case 8:
      return contrast(canvas, 1 + directed(0, 0.9F));
    case 9:
      return sharpness(canvas, 1 + directed(0, 0.9F));
    case 10:
      // Rounded in float32, half to even.
      return posterize(canvas, 8 - std::nearbyint(static_cast<float>(bin) / (static_cast<float>(bins - 1) / 4)));
    case 11:
      return solarize(canvas, spaced(255, 0));
    case 12:
      return auto_contrast(canvas);
    case 13:
      return equalize(canvas);
    default:
      return;
  }
}

std::vector<OperationType> rand_augment_operations() {
  return {OperationContract<RandAugment>("rand_augment", "several operations, drawn with replacement from a pool")
              .param(&RandAugment::operations, "operations", "how many", in_range(0, 64))
              .param(&RandAugment::pool, "pool",
                     "uniform: magnitudes are drawn too, each in its operation's own range; "
                     "torchvision: all at 'magnitude'")
              .param(&RandAugment::magnitude, "magnitude", "of torchvision's, the bin", at_least(0))
              .param(&RandAugment::bins, "bins", "of torchvision's magnitudes", at_least(2))
              .type()};
}

}  // namespace fergraph
