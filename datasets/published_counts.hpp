// The class counts that a table has, beside those that were published with the data set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/sample_table.hpp"

namespace fergraph {

struct CountedClass {
  std::string name;
  std::int64_t found = 0;
  std::optional<std::int64_t> published;
};

struct CountedSplit {
  std::string split;                  ///< empty where the data set has none
  std::vector<CountedClass> classes;  ///< in the order of the table's classes
  std::int64_t unlabeled = 0;         ///< samples without a label
  std::int64_t samples = 0;
  /// Of the whole split: published as such, or the sum where every class has a published count.
  std::optional<std::int64_t> published;

  bool differs() const;
};

/// The splits of the table and those that were published, sorted by name.
std::vector<CountedSplit> counts_beside_published(const SampleTable& table);

/// One sentence per split whose counts differ from the published ones, with those that do.
std::vector<std::string> differences_from_published(const SampleTable& table);

}  // namespace fergraph
