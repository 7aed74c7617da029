// What a run records, written as it happens: metrics.jsonl, TensorBoard's event file, voids.csv, and the results that a
// summary is made of.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "graph/run.hpp"
#include "report/event_file.hpp"

namespace fergraph {

/// One line of JSON per step (numbers) and per epoch section (arrays too). There NaN is null, a list of more than 1,024
/// real numbers is {"histogram": {"low", "high", "counts", "n"}} (see Histogram), and larger arrays of other kinds are
/// left out. Every single finite number is also one of TensorBoard's, at its iteration, `loss.total` as loss/total, and
/// so are lists with one number per class, `test.recall` as test/recall/<class>. Voids may be recorded by any thread at
/// any time; everything else belongs to the thread of the run.
class MetricsLog {
 public:
  /// Makes metrics.jsonl and an event file in the folder. What is recorded reaches the files no later than
  /// `flush_every` later, where anything is recorded then.
  explicit MetricsLog(const std::filesystem::path& directory,
                      std::chrono::milliseconds flush_every = std::chrono::seconds(2));
  /// Goes on with the files of a run that is resumed: what they say of steps behind the position is taken out.
  MetricsLog(const std::filesystem::path& directory, const RunPosition& from, std::int64_t iteration);
  /// The names under which TensorBoard shows lists of as many numbers; without names it shows none.
  void name_classes(std::vector<std::string> names) { class_names_ = std::move(names); }
  void record(Section section, const Clock& clock, const std::vector<RecordedValue>& values);
  void record_void(const VoidSample& sample);
  /// Throws RunError where a file could not be made or written.
  void flush();
  /// Flushes where the last time is `flush_every` ago.
  void flush_when_due();

  /// The values of a record with one number, by epoch.
  const std::map<std::string, std::vector<double>>& by_epoch() const { return by_epoch_; }
  /// Those of one record; nullptr where it has none yet.
  const std::vector<double>* epochs_of(const std::string& record) const {
    const auto found = by_epoch_.find(record);
    return found == by_epoch_.end() || found->second.empty() ? nullptr : &found->second;
  }
  /// Of a run that goes on after so many epochs: whether the file told of fewer, because it was cut or is gone.
  bool lacks_epochs(std::int64_t ended) const;
  /// The largest of them; nothing where there is none that is finite.
  std::optional<double> best_of(const std::string& name) const;
  /// The last value of each record with one number.
  const std::map<std::string, double>& latest() const { return latest_; }
  /// The last array of each epoch record.
  const std::map<std::string, NumericArray>& arrays() const { return arrays_; }
  std::int64_t voids() const;
  /// Streams and samples of the voids that were recorded before the run went on.
  const std::set<std::pair<std::string, std::int64_t>>& known_voids() const { return known_voids_; }
  std::map<std::string, std::int64_t> void_reasons() const;

 private:
  using SteadyClock = std::chrono::steady_clock;
  void add_scalars(const std::string& name, const NumericArray& numbers, std::vector<Scalar>& scalars) const;
  void note(const std::string& name, Section section, const NumericArray& numbers);
  void read_metrics(const RunPosition& from, std::int64_t iteration);
  void read_voids();

  std::filesystem::path directory_;
  std::chrono::milliseconds flush_every_ = std::chrono::seconds(2);
  SteadyClock::time_point flushed_ = SteadyClock::now();
  std::ofstream metrics_;
  EventFile events_;
  std::vector<std::string> class_names_;
  std::map<std::string, std::vector<double>> by_epoch_;
  bool had_lines_ = false;  // of the run that goes on
  std::map<std::string, double> latest_;
  std::map<std::string, NumericArray> arrays_;
  std::set<std::pair<std::string, std::int64_t>> known_voids_;

  mutable std::mutex mutex_;  // of what follows
  std::ofstream void_rows_;   // opened with the first void
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
