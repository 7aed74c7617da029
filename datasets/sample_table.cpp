#include "datasets/sample_table.hpp"

#include <algorithm>
#include <set>
#include <system_error>

#include "datasets/class_names.hpp"

namespace fergraph {

std::map<std::string, std::vector<std::int64_t>> SampleTable::class_counts() const {
  std::map<std::string, std::vector<std::int64_t>> counts;
  for (const Sample& sample : samples) {
    std::vector<std::int64_t>& of_split = counts[sample.split];
    of_split.resize(class_names.size());
    if (sample.label >= 0) ++of_split.at(static_cast<std::size_t>(sample.label));
  }
  return counts;
}

std::vector<std::string> SampleTable::split_warnings() const {
  std::set<std::string> splits;
  for (const Sample& sample : samples) splits.insert(sample.split);
  std::map<std::string, std::string> by_lower_case;
  std::vector<std::string> sentences;
  for (const std::string& split : splits) {
    const auto [other, is_new] = by_lower_case.emplace(lower_case(split), split);
    if (is_new) continue;
    sentences.push_back("The splits '" + other->second + "' and '" + split +
                        "' differ in upper and lower case alone and count as two; write them alike if they are one.");
  }
  return sentences;
}

std::int64_t SampleTable::count_missing_images() const {
  return std::count_if(samples.begin(), samples.end(), [&](const Sample& sample) {
    std::error_code ignored;
    return sample.inline_picture < 0 && !std::filesystem::is_regular_file(path(sample), ignored);
  });
}

}  // namespace fergraph
