// RandAugment (Cubuk et al., 2020): several operations drawn from a pool. FixMatch's, as Ada-CM and LION use it, and
// torchvision's.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "graph/words.hpp"
#include "nodes/augment/operation.hpp"

namespace fergraph {

/// FixMatch's, with magnitudes drawn uniformly, or torchvision's, with one magnitude for all.
enum class AugmentPool { uniform, torchvision };

template <>
struct Words<AugmentPool> {
  static constexpr std::array<std::pair<std::string_view, AugmentPool>, 2> all = {
      {{"uniform", AugmentPool::uniform}, {"torchvision", AugmentPool::torchvision}}};
};

/// One entry of FixMatch's pool: its magnitude is uniform in low … high.
struct PoolEntry {
  std::string_view name;
  double low;
  double high;
  void (*apply)(Canvas& canvas, double magnitude);
};

/// The fourteen of FixMatch's code that Ada-CM and LION draw from, in its order.
std::span<const PoolEntry> uniform_pool();

/// How many operations torchvision's RandAugment draws from.
inline constexpr int torchvision_pool_size = 14;
/// Operation `index` of torchvision 0.14's RandAugment at the magnitude `bin` of `bins`; `negative` turns it around
/// where the operation has a direction. Requires 0 <= index < torchvision_pool_size and 0 <= bin < bins.
void apply_torchvision(Canvas& canvas, int index, int bin, int bins, bool negative);

std::vector<OperationType> rand_augment_operations();

}  // namespace fergraph
