// Wrong labels on purpose: symmetric noise as it is used to measure how methods bear noisy annotation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fergraph {

struct NoisyLabels {
  std::vector<std::int64_t> labels;
  /// Indices whose label was changed, in rising order.
  std::vector<std::int64_t> changed;
};

/// Symmetric noise: exactly round(rate * n_c) of the n_c samples of each class get another label, drawn uniformly from
/// the other classes (van Rooyen et al., "Learning with symmetric label noise", NeurIPS 2015). `labels` are in
/// [0, classes), or -1 for unknown, which stays. rate in [0, 1]. The same labels and seed give the same noise on every
/// machine, and a higher rate changes the samples of a lower one too, to the same labels.
/// Throws DatasetError where the rate or a label is out of its range, or there is no other class.
NoisyLabels symmetric_noise(std::span<const std::int64_t> labels, std::int64_t classes, double rate,
                            std::uint64_t seed);

}  // namespace fergraph
