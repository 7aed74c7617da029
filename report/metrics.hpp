// What a run records, written as it happens: metrics.jsonl, voids.csv, and the results that a summary is made of.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "graph/run.hpp"

namespace fergraph {

/// One line of JSON per step (numbers) and per epoch section (arrays too). Lines are flushed at each epoch's end.
class MetricsLog {
 public:
  explicit MetricsLog(const std::filesystem::path& directory);
  void record(Section section, const Clock& clock, const std::vector<RecordedValue>& values);
  void record_void(const VoidSample& sample);
  void flush();

  /// The values of a record with one number, by epoch.
  const std::map<std::string, std::vector<double>>& by_epoch() const { return by_epoch_; }
  /// The last value of each record with one number.
  const std::map<std::string, double>& latest() const { return latest_; }
  /// The last array of each epoch record.
  const std::map<std::string, NumericArray>& arrays() const { return arrays_; }
  std::int64_t voids() const { return voids_; }
  const std::map<std::string, std::int64_t>& void_reasons() const { return void_reasons_; }

 private:
  std::filesystem::path directory_;
  std::ofstream metrics_;
  std::ofstream void_rows_;  // opened with the first void
  std::map<std::string, std::vector<double>> by_epoch_;
  std::map<std::string, double> latest_;
  std::map<std::string, NumericArray> arrays_;
  std::int64_t voids_ = 0;
  std::map<std::string, std::int64_t> void_reasons_;
};

/// Accuracy over the epochs: best, last and the mean of the last five, always side by side.
struct AccuracySummary {
  double best = 0;
  double last = 0;
  double mean_of_last_five = 0;
};
AccuracySummary summarise(const std::vector<double>& accuracy_by_epoch);

/// A confusion matrix with class names and recall per class, for a terminal.
std::string confusion_text(const NumericArray& confusion, const std::vector<std::string>& class_names);

}  // namespace fergraph
