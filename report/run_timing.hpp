// Where the time of a run went, kept as timing.json in its directory: resumed runs add up.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "graph/run.hpp"

namespace fergraph {

struct RunTiming {
  int starts = 0;      // how often the run was begun or resumed
  double seconds = 0;  // from the command to here, over all starts
  TimeShares shares;
  std::vector<NodeTime> nodes;  // in the order of the file

  /// Nothing was measured.
  bool empty() const { return starts == 0; }
};

/// Of this process: `seconds` since its command began.
RunTiming timing_of(const Run& run, double seconds);

/// Both together; nodes that only one of them has are kept.
RunTiming sum_of(RunTiming before, const RunTiming& now);

/// JSON: format, starts, seconds, shares, waiting_for (seconds by stream), nodes (node, kind, calls, seconds).
std::string timing_text(const RunTiming& timing);

/// timing.json of a run that is at work: what there was before it went on, and what this process adds.
class TimingFile {
 public:
  /// `goes_on`: the run is resumed, so what the file says of before counts too.
  TimingFile(const std::filesystem::path& directory, bool goes_on, std::chrono::steady_clock::time_point started);
  /// Throws RunError where the file cannot be written.
  void write(const Run& run) const;

 private:
  std::filesystem::path file_;
  RunTiming before_;
  std::chrono::steady_clock::time_point started_;
};

/// What a timing.json says; an empty one where it is absent or damaged, for it is not worth a run.
RunTiming read_timing(const std::filesystem::path& file);

}  // namespace fergraph
