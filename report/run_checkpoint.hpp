// Checkpoints: everything that a training run goes on from, in one safetensors file each.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <string>

#include "graph/run.hpp"

namespace fergraph {

/// A position between two steps, and all states there.
struct RunCheckpoint {
  RunPosition position;
  std::int64_t iteration = 0;           // steps made
  std::map<std::string, Blobs> states;  // by name
};

/// Where the run stands. To be called between its steps: see Run::position.
RunCheckpoint checkpoint_of(Run& run);

/// Arrays `<state>/<array>`; position, iteration and a checksum over all of it among the metadata. Appears by rename.
/// Throws std::runtime_error.
void write_checkpoint(const std::filesystem::path& file, RunCheckpoint checkpoint);

/// Throws RunError for a file that is absent, damaged (the checksum covers every number) or of a later format.
RunCheckpoint read_checkpoint(const std::filesystem::path& file);

/// Puts the states in place of those of a run that starts at the checkpoint's position. Throws RunError where they do
/// not fit.
void restore_states(Run& run, const RunCheckpoint& checkpoint);

struct CheckpointRules {
  std::int64_t every_steps = 0;        // between the ends of epochs too; 0: not
  int newest = 2;                      // how many of the newest are kept
  std::int64_t every_epochs = 0;       // that are kept for good: the ends of every k-th epoch; 0: none
  std::string best = "test.accuracy";  // the record whose largest value names the best epoch
};

/// The folder `checkpoints` of a run: one file per checkpoint, called after its iteration, and best.safetensors. Writes
/// where the rules say, and removes what they do not keep. The states are copied at once and written by a thread of
/// their own while the run goes on, one checkpoint after the other; what fails there is thrown by the next call.
class CheckpointFolder {
 public:
  /// `best_score`: of the epochs before a run goes on.
  CheckpointFolder(std::filesystem::path folder, CheckpointRules rules, std::optional<double> best_score = {});

  const CheckpointRules& rules() const { return rules_; }
  /// Whether after_step would write one now.
  bool is_due(Run& run) const;
  /// To be called after each step.
  void after_step(Run& run);
  /// To be called after each epoch; `score`: its value of the rules' best record, where it has one.
  void after_epoch(Run& run, std::optional<double> score);
  /// To be called when a run was stopped from outside: keeps the steps since the last checkpoint, and returns
  /// when they are on the disk. Of an epoch's end that was cut short, the states before it are kept.
  void after_interruption(Run& run);
  /// Returns when all checkpoints so far are on the disk.
  void finish();

  /// Makes ready what a run left that goes on after `iteration`, whose checkpoint is whole: those behind it are
  /// damaged, and get another name lest they count as the newest. `best_iteration`: of the best epoch so far, which a
  /// killed run may not have named yet.
  void go_on_from(std::int64_t iteration, std::optional<std::int64_t> best_iteration);

  /// Removes what a run that was killed was writing, there and in the folder of its last states. No run may be at work.
  static void remove_unfinished(const std::filesystem::path& folder);
  /// Whether there is any checkpoint to go on from.
  static bool has_any(const std::filesystem::path& folder);
  /// The newest checkpoint that is whole; nothing where there is none. `damaged` is told of each newer one that is not.
  static std::optional<RunCheckpoint> newest(const std::filesystem::path& folder,
                                             const std::function<void(const std::string&)>& damaged);

 private:
  void write(Run& run, bool is_best);
  void remove_old(std::int64_t period) const;
  void name_best(const std::filesystem::path& file) const;

  std::filesystem::path folder_;
  CheckpointRules rules_;
  std::optional<double> best_score_;
  std::optional<RunCheckpoint> before_epoch_end_;  // while the nodes of the epoch's end are at work
  std::future<void> writing_;  // the last of the members: its end waits for the thread that uses the others
};

}  // namespace fergraph
