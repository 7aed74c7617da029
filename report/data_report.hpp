// What is in a data set: counts beside the published ones, annotations, missing files, equal files, and pictures that
// stand in more than one split.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cache/reader.hpp"
#include "datasets/published_counts.hpp"
#include "nodes/batch/cache_selection.hpp"

namespace fergraph {

struct SplitReport {
  CountedSplit counts;
  std::int64_t boxes = 0;
  std::int64_t landmarks = 0;
  std::int64_t problems = 0;       ///< samples that cannot be used
  std::int64_t missing_files = 0;  ///< samples whose file is not there or cannot be read
};

/// Pictures with the same bytes, or one picture; sorted by name.
struct EqualPictures {
  std::vector<std::string> images;
  std::vector<std::string> splits;  ///< of the samples that show them, each once, sorted
};

struct DataReport {
  std::string name;    ///< the stream, or the cache
  std::string source;  ///< the node that reads it
  std::vector<SplitReport> splits;
  std::int64_t pictures = 0;  ///< different names
  std::vector<EqualPictures> duplicates;
  /// Of the pictures and groups of equal ones: those with samples in several splits.
  std::vector<EqualPictures> in_several_splits;
  std::vector<std::string> warnings;
};

/// The checksum (XXH3-64) of the bytes behind a sample, or none where they cannot be read.
using PictureChecksum = std::function<std::optional<std::uint64_t>(const Sample& sample)>;

/// Reads every picture once, in parallel; `progress` is called with how many were read, one call at a time. Throws
/// Cancelled where it was stopped.
DataReport look_at_table(const SampleTable& table, const PictureChecksum& checksum, std::stop_token stop,
                         const std::function<void(std::int64_t done, std::int64_t total)>& progress);

/// Checksums of a table's pictures: files below its root, or those that it holds.
PictureChecksum checksums_of(const SampleTable& table);

/// The faces of a cache as a table, with their places as `row`, so that it can be looked at alike.
SampleTable table_of(const FaceCache& cache);

/// A selection of a cache's faces, as a data file names it.
struct SelectionReport {
  std::string name;
  std::int64_t faces = 0;
  std::vector<std::int64_t> by_class;  ///< with the labels as given
  std::int64_t changed = 0;            ///< labels that noise changed
  std::vector<std::string> warnings;
};
SelectionReport look_at_selection(const std::string& name, const FaceCache& cache, const CacheSelection& selection);

std::string text_of(const DataReport& report);
/// A table with a row per class and a column per selection.
std::string text_of(const std::vector<SelectionReport>& selections, const std::vector<std::string>& class_names);
nlohmann::ordered_json json_of(const DataReport& report);
nlohmann::ordered_json json_of(const SelectionReport& selection, const std::vector<std::string>& class_names);

}  // namespace fergraph
