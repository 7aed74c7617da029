#include "datasets/label_noise.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "datasets/counter_random.hpp"
#include "datasets/dataset_error.hpp"

namespace fergraph {
namespace {

// Purposes of CounterRandom, apart from those of splits.cpp: noise and choice with one seed must be independent.
constexpr std::uint32_t order_purpose = 3, label_purpose = 4;

}  // namespace

NoisyLabels symmetric_noise(std::span<const std::int64_t> labels, std::int64_t classes, double rate,
                            std::uint64_t seed) {
  if (!(rate >= 0 && rate <= 1)) {
    throw DatasetError("The rate of label noise is " + std::to_string(rate) + "; it must be from 0 to 1.");
  }
  if (classes < 2 && rate > 0) {
    throw DatasetError("Label noise needs another class to draw from, and there are " + std::to_string(classes) +
                       " classes; name at least two, or set the rate to 0.");
  }
  std::vector<std::vector<std::int64_t>> by_class(static_cast<std::size_t>(std::max<std::int64_t>(classes, 0)));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == -1) continue;
    if (labels[i] < 0 || labels[i] >= classes) {
      throw DatasetError("The label of sample " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                         ", outside the " + std::to_string(classes) +
                         " classes; labels are class indices, or -1 for unknown.");
    }
    by_class[static_cast<std::size_t>(labels[i])].push_back(static_cast<std::int64_t>(i));
  }
  NoisyLabels noisy;
  noisy.labels.assign(labels.begin(), labels.end());
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    std::vector<std::int64_t>& members = by_class[c];
    CounterRandom(seed, order_purpose, static_cast<std::uint32_t>(c)).shuffle(members);
    CounterRandom draw(seed, label_purpose, static_cast<std::uint32_t>(c));
    const std::int64_t count = std::llround(rate * static_cast<double>(members.size()));
    for (std::int64_t i = 0; i < count; ++i) {
      // One of the other classes: numbers from c on move up by one.
      auto label = static_cast<std::int64_t>(draw.below(static_cast<std::uint64_t>(classes - 1)));
      if (label >= static_cast<std::int64_t>(c)) ++label;
      noisy.labels[static_cast<std::size_t>(members[static_cast<std::size_t>(i)])] = label;
      noisy.changed.push_back(members[static_cast<std::size_t>(i)]);
    }
  }
  std::sort(noisy.changed.begin(), noisy.changed.end());
  return noisy;
}

}  // namespace fergraph
