#include "datasets/label_noise.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>

#include "datasets/class_names.hpp"
#include "datasets/counter_random.hpp"
#include "datasets/dataset_error.hpp"

namespace fergraph {
namespace {

// Purposes of CounterRandom, apart from those of splits.cpp: noise and choice with one seed must be independent.
constexpr std::uint32_t order_purpose = 3, label_purpose = 4;

using ByClass = std::vector<std::vector<std::int64_t>>;

void check_rate(double rate) {
  if (!(rate >= 0 && rate <= 1)) {
    throw DatasetError("The rate of label noise is " + std::to_string(rate) + "; it must be from 0 to 1.");
  }
}

// The samples of each class in the order in which they are corrupted.
ByClass ordered_by_class(std::span<const std::int64_t> labels, std::int64_t classes, std::uint64_t seed) {
  ByClass by_class(static_cast<std::size_t>(std::max<std::int64_t>(classes, 0)));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == -1) continue;
    if (labels[i] < 0 || labels[i] >= classes) {
      throw DatasetError("The label of sample " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                         ", outside the " + std::to_string(classes) +
                         " classes; labels are class indices, or -1 for unknown.");
    }
    by_class[static_cast<std::size_t>(labels[i])].push_back(static_cast<std::int64_t>(i));
  }
  for (std::size_t c = 0; c < by_class.size(); ++c)
    CounterRandom(seed, order_purpose, static_cast<std::uint32_t>(c)).shuffle(by_class[c]);
  return by_class;
}

std::size_t count_of(double rate, const std::vector<std::int64_t>& members) {
  return static_cast<std::size_t>(std::llround(rate * static_cast<double>(members.size())));
}

}  // namespace

NoisyLabels symmetric_noise(std::span<const std::int64_t> labels, std::int64_t classes, double rate,
                            std::uint64_t seed) {
  check_rate(rate);
  if (classes < 2 && rate > 0) {
    throw DatasetError("Label noise needs another class to draw from, and there are " + std::to_string(classes) +
                       " classes; name at least two, or set the rate to 0.");
  }
  const ByClass by_class = ordered_by_class(labels, classes, seed);
  NoisyLabels noisy;
  noisy.labels.assign(labels.begin(), labels.end());
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    const std::vector<std::int64_t>& members = by_class[c];
    CounterRandom draw(seed, label_purpose, static_cast<std::uint32_t>(c));
    const std::size_t count = count_of(rate, members);
    for (std::size_t i = 0; i < count; ++i) {
      // One of the other classes: numbers from c on move up by one.
      auto label = static_cast<std::int64_t>(draw.below(static_cast<std::uint64_t>(classes - 1)));
      if (label >= static_cast<std::int64_t>(c)) ++label;
      noisy.labels[static_cast<std::size_t>(members[i])] = label;
      noisy.changed.push_back(members[i]);
    }
  }
  std::sort(noisy.changed.begin(), noisy.changed.end());
  return noisy;
}

NoisePairs usual_noise_pairs(const std::vector<std::string>& class_names) {
  std::set<std::string> names;
  for (const std::string& name : class_names) names.insert(lower_case(name));
  if (names.contains("fear") && names.contains("surprise")) return {{"fear", "surprise"}, {"surprise", "fear"}};
  NoisePairs cifar = {{"truck", "automobile"}, {"bird", "airplane"}, {"cat", "dog"}, {"dog", "cat"}, {"deer", "horse"}};
  for (const auto& [from, to] : cifar)
    if (!names.contains(from) || !names.contains(to)) return {};
  return cifar;
}

NoisyLabels asymmetric_noise(std::span<const std::int64_t> labels, const std::vector<std::string>& class_names,
                             const NoisePairs& pairs, double rate, std::uint64_t seed) {
  check_rate(rate);
  if (pairs.empty())
    throw DatasetError(
        "Asymmetric noise needs pairs of classes, and none is known for these; name them, such as {fear: surprise, "
        "surprise: fear}.");
  std::vector<std::string> known;
  known.reserve(class_names.size());
  for (const std::string& name : class_names) known.push_back(lower_case(name));
  const auto class_of = [&](const std::string& name) {
    const auto found = std::find(known.begin(), known.end(), lower_case(name));
    if (found != known.end()) return found - known.begin();
    const std::optional<std::string> near = closest_name(name, class_names);
    throw DatasetError("A pair of asymmetric noise names '" + name + "', which is no class" +
                       (near ? "; did you mean '" + *near + "'?" : "; name classes of the data set."));
  };
  const ByClass by_class = ordered_by_class(labels, static_cast<std::int64_t>(class_names.size()), seed);
  NoisyLabels noisy;
  noisy.labels.assign(labels.begin(), labels.end());
  for (const auto& [from, to] : pairs) {
    const std::vector<std::int64_t>& members = by_class[static_cast<std::size_t>(class_of(from))];
    const std::int64_t label = class_of(to);
    const std::size_t count = count_of(rate, members);
    for (std::size_t i = 0; i < count; ++i) {
      noisy.labels[static_cast<std::size_t>(members[i])] = label;
      noisy.changed.push_back(members[i]);
    }
  }
  std::sort(noisy.changed.begin(), noisy.changed.end());
  return noisy;
}

}  // namespace fergraph
