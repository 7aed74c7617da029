#include "datasets/published_counts.hpp"

#include <algorithm>
#include <map>

namespace fergraph {

bool CountedSplit::differs() const {
  return (published && *published != samples) || std::any_of(classes.begin(), classes.end(), [](const auto& each) {
           return each.published && *each.published != each.found;
         });
}

std::vector<CountedSplit> counts_beside_published(const SampleTable& table) {
  std::map<std::string, CountedSplit> by_name;
  const auto split_of = [&](const std::string& name) -> CountedSplit& {
    CountedSplit& split = by_name[name];
    if (split.classes.empty()) {
      split.split = name;
      for (const std::string& class_name : table.class_names) split.classes.push_back({class_name, 0, {}});
    }
    return split;
  };
  for (const Sample& sample : table.samples) {
    CountedSplit& split = split_of(sample.split);
    ++split.samples;
    if (sample.label < 0)
      ++split.unlabeled;
    else
      ++split.classes.at(static_cast<std::size_t>(sample.label)).found;
  }
  for (const PublishedCount& each : table.published) {
    CountedSplit& split = split_of(each.split);
    std::optional<std::int64_t>& count =
        each.label < 0 ? split.published : split.classes.at(static_cast<std::size_t>(each.label)).published;
    count = count.value_or(0) + each.count;
  }
  std::vector<CountedSplit> splits;
  for (auto& [name, split] : by_name) {
    const bool all_known =
        !split.classes.empty() && std::all_of(split.classes.begin(), split.classes.end(),
                                              [](const CountedClass& each) { return each.published.has_value(); });
    if (!split.published && all_known) {
      split.published = 0;
      for (const CountedClass& each : split.classes) *split.published += *each.published;
    }
    splits.push_back(std::move(split));
  }
  return splits;
}

std::vector<std::string> differences_from_published(const SampleTable& table) {
  std::vector<std::string> sentences;
  for (const CountedSplit& split : counts_beside_published(table)) {
    if (!split.differs()) continue;
    std::string classes;
    for (const CountedClass& each : split.classes) {
      if (!each.published || *each.published == each.found) continue;
      classes += (classes.empty() ? "" : ", ") + each.name + " " + std::to_string(each.found) + " (published " +
                 std::to_string(*each.published) + ")";
    }
    if (classes.empty())
      classes = std::to_string(split.samples) + " samples (published " + std::to_string(*split.published) + ")";
    sentences.push_back(table.root.string() + ": the counts" +
                        (split.split.empty() ? "" : " of the split '" + split.split + "'") +
                        " differ from the published ones: " + classes + ".");
  }
  return sentences;
}

}  // namespace fergraph
