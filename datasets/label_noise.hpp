// Wrong labels on purpose: symmetric and asymmetric noise as they are used to measure how methods bear noisy
// annotation.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
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

/// Which class is mistaken for which: class names in lower case.
using NoisePairs = std::map<std::string, std::string>;

/// The pairs that are in use: fear <-> surprise where both are classes; for the classes of CIFAR-10 truck ->
/// automobile, bird -> airplane, cat <-> dog, deer -> horse (Patrini et al., CVPR 2017). Empty where neither fits.
NoisePairs usual_noise_pairs(const std::vector<std::string>& class_names);

/// Asymmetric noise: exactly round(rate * n_c) of the n_c samples of each class on the left of a pair get the class on
/// its right; other classes stay. The choice of samples is that of symmetric_noise() with the same seed. Throws
/// DatasetError where the rate or a label is out of its range, there is no pair, or a pair names no class.
NoisyLabels asymmetric_noise(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                             const NoisePairs& pairs, double rate, std::uint64_t seed);

}  // namespace fergraph
