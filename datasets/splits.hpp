// Chooses samples by class: few labeled ones for semi-supervised training, or a part held out for validation. The same
// labels and seed give the same choice on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fergraph {

// In all functions `labels` holds class indices in [0, class_names.size()), or -1 for unknown, which is never chosen;
// results are indices into `labels`, in rising order. A seed orders the samples of each class by chance, and a choice
// takes the first of them: a larger choice with the same seed contains the smaller one. Other labels are DatasetErrors.

struct LabeledChoice {
  std::vector<std::int64_t> indices;
  std::vector<std::int64_t> per_class;
  std::vector<std::string> warnings;
};

/// Chooses `total` samples, as many of each class as possible; what does not divide goes to the lower classes. No class
/// gives more than half of its samples (rounded down): what it lacks the others make up, with a warning.
/// Throws DatasetError where all halves together are fewer than `total`.
LabeledChoice choose_labeled(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                             std::int64_t total, std::uint64_t seed);

/// Chooses counts[c] samples of class c, up to all of them. Throws DatasetError where a class has fewer.
LabeledChoice choose_labeled(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                             std::span<const std::int64_t> counts, std::uint64_t seed);

/// As choose_labeled() with counts, but no class gives more than half of its samples (rounded down): what it lacks is
/// missing, with a warning.
LabeledChoice choose_labeled_capped(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                                    std::span<const std::int64_t> counts, std::uint64_t seed);

struct HoldOut {
  std::vector<std::int64_t> kept;      ///< with the samples of unknown label
  std::vector<std::int64_t> held_out;  ///< for validation
  std::vector<std::string> warnings;
};

/// Holds out round(fraction * n) of the n samples of each class; fraction in [0, 1). A class of which none (or all)
/// would be held out is named in a warning.
HoldOut hold_out(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names, double fraction,
                 std::uint64_t seed);

}  // namespace fergraph
