// What a sweep finds and leaves in the directories of its runs: how far each is, and which process is at work there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace fergraph {

enum class RunState { missing, interrupted, failed, running, finished };

/// "missing", "interrupted", ...
std::string state_name(RunState state);

/// What sweep.json in a run's directory says of the last time that a sweep was at work there.
struct RunMark {
  RunState state = RunState::missing;  // interrupted, failed or finished
  int attempts = 0;                    // how often it was started
  double seconds = 0;                  // that it took, all attempts together
  bool resumed = false;                // the last attempt went on from a checkpoint
  std::string cause;                   // of a failure: "exit code 1", "signal 9"
};
/// Nothing where no sweep has finished there, or the file is damaged.
std::optional<RunMark> read_mark(const std::filesystem::path& run_directory);
/// Appears by rename. Throws RunError.
void write_mark(const std::filesystem::path& run_directory, const RunMark& mark);

/// How far a run is: the mark, or `interrupted` where a killed process left a run without one.
RunState left_state(const std::filesystem::path& run_directory);
/// The same, or that another process is at work (`running`). A claim of this process counts as another.
RunState state_of(const std::filesystem::path& run_directory);

/// Whether the run has a checkpoint that --resume may go on from. (Whether that is whole, the run itself finds out.)
bool has_checkpoint(const std::filesystem::path& run_directory);

/// Removes what a run left in its directory but the sweep's log and lock, so that it can begin anew.
void clear_run(const std::filesystem::path& run_directory);

/// Holds a run for this process (and for the child that inherits the descriptor): no other sweep, on this machine or
/// on another that shares the file system, is at work in it meanwhile.
class RunClaim {
 public:
  /// Makes the directory where it is missing. Nothing where another process holds it. Throws RunError where it cannot
  /// be written.
  static std::optional<RunClaim> take(const std::filesystem::path& run_directory);
  RunClaim(RunClaim&& other) noexcept;
  RunClaim& operator=(RunClaim&& other) noexcept;
  ~RunClaim();

  int descriptor() const { return lock_; }

 private:
  explicit RunClaim(int lock) : lock_(lock) {}
  int lock_ = -1;
};

}  // namespace fergraph
