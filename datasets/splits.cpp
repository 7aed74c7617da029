#include "datasets/splits.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "datasets/counter_random.hpp"
#include "datasets/dataset_error.hpp"

namespace fergraph {
namespace {

// Purposes of CounterRandom: a hold-out and a labeled choice with one seed must not be the same order.
constexpr std::uint32_t labeled_purpose = 1, hold_out_purpose = 2;

using ByClass = std::vector<std::vector<std::int64_t>>;

ByClass shuffled_by_class(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                          std::uint64_t seed, std::uint32_t purpose) {
  ByClass by_class(class_names.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == -1) continue;
    if (labels[i] < 0 || labels[i] >= static_cast<std::int64_t>(class_names.size())) {
      throw DatasetError("The label of sample " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                         ", outside the " + std::to_string(class_names.size()) +
                         " classes; labels are class indices, or -1 for unknown.");
    }
    by_class[static_cast<std::size_t>(labels[i])].push_back(static_cast<std::int64_t>(i));
  }
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    CounterRandom(seed, purpose, static_cast<std::uint32_t>(c)).shuffle(by_class[c]);
  }
  return by_class;
}

LabeledChoice first_of_each(const ByClass& by_class, std::vector<std::int64_t> counts) {
  LabeledChoice choice;
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    choice.indices.insert(choice.indices.end(), by_class[c].begin(), by_class[c].begin() + counts[c]);
  }
  std::sort(choice.indices.begin(), choice.indices.end());
  choice.per_class = std::move(counts);
  return choice;
}

}  // namespace

LabeledChoice choose_labeled(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                             std::int64_t total, std::uint64_t seed) {
  const ByClass by_class = shuffled_by_class(labels, class_names, seed, labeled_purpose);
  const std::size_t classes = by_class.size();
  std::vector<std::int64_t> caps(classes);
  for (std::size_t c = 0; c < classes; ++c) caps[c] = static_cast<std::int64_t>(by_class[c].size() / 2);
  const std::int64_t most = std::accumulate(caps.begin(), caps.end(), std::int64_t{0});
  if (total < 0 || total > most) {
    throw DatasetError(std::to_string(total) + " labeled samples are asked for, and half of every class makes " +
                       std::to_string(most) + "; ask for 0 to " + std::to_string(most) +
                       ", or state the count of each class.");
  }

  // Water-filling: equal shares for all classes that still have room, then one each to the lower classes.
  std::vector<std::int64_t> counts(classes, 0);
  std::int64_t left = total;
  while (left > 0) {
    std::vector<std::size_t> open;
    for (std::size_t c = 0; c < classes; ++c) {
      if (counts[c] < caps[c]) open.push_back(c);
    }
    const std::int64_t share = left / static_cast<std::int64_t>(open.size());
    for (const std::size_t c : open) {
      const std::int64_t given = std::min({left, std::max<std::int64_t>(share, 1), caps[c] - counts[c]});
      counts[c] += given;
      left -= given;
    }
  }

  LabeledChoice choice = first_of_each(by_class, counts);
  for (std::size_t c = 0; c < classes; ++c) {
    const std::int64_t even = total / static_cast<std::int64_t>(classes);
    if (counts[c] < even) {
      choice.warnings.push_back("The class '" + class_names[c] + "' gives " + std::to_string(counts[c]) +
                                " labeled samples instead of " + std::to_string(even) + ": half of its " +
                                std::to_string(by_class[c].size()) + ". The other classes make up for it.");
    }
  }
  return choice;
}

LabeledChoice choose_labeled(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                             std::span<const std::int64_t> counts, std::uint64_t seed) {
  const ByClass by_class = shuffled_by_class(labels, class_names, seed, labeled_purpose);
  if (counts.size() != by_class.size()) {
    throw DatasetError("Counts of labeled samples are given for " + std::to_string(counts.size()) +
                       " classes, and there are " + std::to_string(by_class.size()) + "; give one count per class.");
  }
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    const auto size = static_cast<std::int64_t>(by_class[c].size());
    if (counts[c] < 0 || counts[c] > size) {
      throw DatasetError(std::to_string(counts[c]) + " labeled samples of '" + class_names[c] +
                         "' are asked for, and there are " + std::to_string(size) + "; ask for 0 to " +
                         std::to_string(size) + ".");
    }
  }
  return first_of_each(by_class, {counts.begin(), counts.end()});
}

LabeledChoice choose_labeled_capped(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                                    std::span<const std::int64_t> counts, std::uint64_t seed) {
  std::vector<std::int64_t> sizes(class_names.size(), 0);
  for (const std::int64_t label : labels)
    if (label >= 0 && label < static_cast<std::int64_t>(sizes.size())) ++sizes[static_cast<std::size_t>(label)];
  std::vector<std::int64_t> capped(counts.begin(), counts.end());
  std::vector<std::string> warnings;
  for (std::size_t c = 0; c < std::min(capped.size(), sizes.size()); ++c) {
    if (capped[c] <= sizes[c] / 2) continue;
    capped[c] = sizes[c] / 2;
    warnings.push_back("The class '" + class_names[c] + "' gives " + std::to_string(capped[c]) +
                       " labeled samples instead of " + std::to_string(counts[c]) + ": half of its " +
                       std::to_string(sizes[c]) + ".");
  }
  LabeledChoice choice = choose_labeled(labels, class_names, capped, seed);
  choice.warnings = std::move(warnings);
  return choice;
}

HoldOut hold_out(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names, double fraction,
                 std::uint64_t seed) {
  if (!(fraction >= 0 && fraction < 1)) {
    throw DatasetError("The fraction to hold out is " + std::to_string(fraction) +
                       "; it must be at least 0 and below 1.");
  }
  const ByClass by_class = shuffled_by_class(labels, class_names, seed, hold_out_purpose);
  HoldOut result;
  std::vector<bool> held(labels.size(), false);
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    const auto size = static_cast<std::int64_t>(by_class[c].size());
    const std::int64_t count = std::llround(fraction * static_cast<double>(size));
    for (std::int64_t i = 0; i < count; ++i)
      held[static_cast<std::size_t>(by_class[c][static_cast<std::size_t>(i)])] = true;
    if (size > 0 && fraction > 0 && (count == 0 || count == size)) {
      result.warnings.push_back("The class '" + class_names[c] + "' has " + std::to_string(size) +
                                (size == 1 ? " sample" : " samples") + ", of which " +
                                (count == 0 ? "none is" : "all are") + " held out.");
    }
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    (held[i] ? result.held_out : result.kept).push_back(static_cast<std::int64_t>(i));
  }
  return result;
}

}  // namespace fergraph
