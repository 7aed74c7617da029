// What a run recorded, read back from its metrics.jsonl: by steps and by epochs, as far as a page can show it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace fergraph {

/// Numbers over the steps of a run.
struct StepSeries {
  std::vector<double> epochs;  // how many epochs were done at each point, as a fraction
  std::vector<double> values;
};

/// One array that an epoch recorded.
struct RecordedArray {
  std::int64_t epoch = 0;
  std::vector<std::int64_t> shape;
  std::vector<double> values;  // NaN where the record had no number
};

/// How many values of a record lie in each of equal intervals.
struct ValueHistogram {
  std::int64_t epoch = 0;
  double low = 0;
  double high = 1;
  std::vector<std::int64_t> counts;
};

struct RunRecords {
  std::int64_t steps_per_epoch = 0;                                // the most that was seen
  std::map<std::string, StepSeries> steps;                         // single numbers of the step
  std::map<std::string, std::vector<RecordedArray>> short_arrays;  // of each epoch; [] and up to [64]
  std::map<std::string, RecordedArray> tables;                     // two dimensions or more: the last epoch's
  std::map<std::string, ValueHistogram> histograms;                // of longer arrays: the last epoch's

  /// The numbers of an epoch's record without dimensions, or nothing.
  const std::vector<RecordedArray>* by_epoch(const std::string& name) const;
};

/// Reads the file; lines that are no record, as the last one of a killed run, are passed over. Series of steps are
/// thinned to at most `points` means over neighbouring steps. A run without the file has no records.
RunRecords read_records(const std::filesystem::path& metrics, std::size_t points = 400);

}  // namespace fergraph
