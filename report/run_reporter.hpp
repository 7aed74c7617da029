// Writes what a run records and shows how far it is.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "report/metrics.hpp"
#include "report/progress.hpp"

namespace fergraph {

/// What became of one preprocessing stream.
struct StreamOutcome {
  std::int64_t samples = 0;  // that this run was to make
  std::int64_t voids = 0;
  double seconds = 0;
};

class RunReporter : public RunObserver {
 public:
  RunReporter(MetricsLog& metrics, bool quiet) : metrics_(metrics), progress_(quiet), seen_(metrics.known_voids()) {}

  void recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) override;
  void epoch_done(const Clock& clock) override;
  void preprocessed(const StreamPlan& stream, const StreamProgress& now) override;
  void void_sample(const VoidSample& sample) override;
  void stalled(const std::string& text) override { progress_.line(text); }
  /// Warns, with --quiet too, of the first steps that were skipped.
  void skipped(const std::string& text) override;

  /// Nothing for a stream that was left alone, because its result is up to date. To be asked after the run; the time of
  /// the last stream counts until now.
  std::optional<StreamOutcome> outcome(const std::string& stream) const;

 private:
  using SteadyClock = std::chrono::steady_clock;

  MetricsLog& metrics_;
  Progress progress_;
  int skips_ = 0;
  // Preprocessing streams run one after the other.
  std::map<std::string, double> seconds_;
  std::map<std::string, std::int64_t> samples_;
  std::string current_;
  SteadyClock::time_point begin_;
  mutable std::mutex mutex_;  // of what follows
  std::set<std::pair<std::string, std::int64_t>> seen_;
  std::map<std::string, std::int64_t> voids_;
};

}  // namespace fergraph
