#include "datasets/sample_table.hpp"

#include <algorithm>
#include <system_error>

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

std::int64_t SampleTable::count_missing_images() const {
  return std::count_if(samples.begin(), samples.end(), [&](const Sample& sample) {
    std::error_code ignored;
    return !std::filesystem::is_regular_file(path(sample), ignored);
  });
}

}  // namespace fergraph
