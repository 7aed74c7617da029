// A run: a checked pipeline with its states, streams and sections, driven over its epochs.
#pragma once

#include <tbb/global_control.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "graph/pipeline.hpp"
#include "graph/section_run.hpp"
#include "graph/stream_run.hpp"

namespace fergraph {

/// One recorded value, valid during the observer's call.
struct RecordedValue {
  const std::string* name = nullptr;
  const ValueType* type = nullptr;  // null for a state
  const void* value = nullptr;
  const State* state = nullptr;

  /// The numbers; waits for the device. A state without numbers gives nothing.
  std::optional<NumericArray> numbers() const;
};

/// Who wants to know what a run does. Calls come from the thread of Run::train, measure or preprocess, but void_sample,
/// stalled and skipped, which come from any thread, one at a time.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void recorded(Section, const Clock&, const std::vector<RecordedValue>&) {}
  /// After each step: Run::position() is behind it.
  virtual void step_done(const Clock&) {}
  /// After each epoch's last section: Run::position() is behind it.
  virtual void epoch_done(const Clock&) {}
  virtual void preprocessed(const StreamPlan&, const StreamProgress&) {}
  virtual void void_sample(const VoidSample&) {}
  virtual void stalled(const std::string&) {}
  /// A node's call was left out, because its numbers were not finite (`on_nan: skip`).
  virtual void skipped(const std::string&) {}
};

/// Another source of a stream's batches than its nodes (a parity pack).
class Feeds {
 public:
  virtual ~Feeds() = default;
  virtual std::unique_ptr<StreamReader> reader(const StreamPlan& stream) = 0;
  virtual StreamSamples samples(const StreamPlan& stream) = 0;
};

/// How far a training run is, between two steps. With the states it is all that a run needs to go on to the same end.
struct RunPosition {
  std::int64_t epoch = 1;
  std::int64_t step = 0;                  // of the epoch, the last that was made; 0: the epoch has not begun
  std::map<std::string, Cursor> streams;  // those that the step reads, by name
};

/// Stands between a stream and whoever reads it, to see the batches. `inner` outlives what is made.
using Tap = std::function<std::unique_ptr<StreamReader>(const StreamPlan& stream, StreamReader& inner)>;

struct RunOptions {
  std::uint64_t seed = 1;
  int threads = 0;  // of streams; 0: as many as there are cores
  int lanes = 1;    // nodes of the step that may run at once
  std::string device = "cpu";
  std::stop_token stop;
  ProcessShare share;  // of preprocessing
  Trace* trace = nullptr;
  Feeds* feeds = nullptr;
  Supply supply;
  Tap tap;  // may be empty
  RunObserver* observer = nullptr;
  RunPosition start;
};

/// Where the time of a training run went, in seconds.
struct TimeShares {
  double waiting_for_data = 0;
  double step = 0;
  double epoch_sections = 0;
  std::map<std::string, double> waiting_for;  // by stream, the parts of waiting_for_data
};

class Run {
 public:
  /// Prepares nodes and makes states. Throws PipelineError or RunError (a file that is missing, a state that cannot
  /// be).
  Run(Pipeline pipeline, RunOptions options);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Runs all epochs from RunOptions::start on; states that belong to it must be restored before. Throws RunError with
  /// the first failure, Cancelled where it was stopped: after the running step.
  void train();
  /// Runs the nodes of `epoch_end` once, at this moment of the clock, over the states as they are. Needs no step.
  /// Throws as train() does.
  void measure(const Clock& clock);
  /// Runs all preprocessing streams to their ends; those whose result is up to date are left alone.
  void preprocess();

  const Pipeline& pipeline() const { return pipeline_; }
  /// The state of this name, or nullptr.
  State* state(const std::string& name);
  /// Behind the last step or epoch that was finished.
  const RunPosition& position() const { return position_; }
  /// Whether the states are those of position(), and not changed by a step or an epoch's section that did not end.
  bool is_settled() const { return settled_; }
  const TimeShares& times() const { return times_; }
  /// Of every node, streams first, in the order of the file. Work that waits for a stream, as a pass does, counts the
  /// waiting; work that is left to a GPU counts only until it is handed over.
  std::vector<NodeTime> node_times() const;
  std::int64_t steps_per_epoch() const { return steps_; }
  /// How many calls of nodes were left out, because their numbers were not finite.
  std::int64_t skipped() const { return skipped_; }
  int threads() const { return streams_environment_.threads; }
  /// What the sinks will write, and where.
  std::vector<DiskNeed> disk_needs() const;
  /// Whether nothing is left to do for the preprocessing streams.
  bool up_to_date() const;
  /// How many samples a stream's source has; 0 where another feed takes its place.
  std::int64_t stream_size(int stream) const { return samples(stream).size; }
  const StreamSamples& samples(int stream) const { return samples_[static_cast<std::size_t>(stream)]; }

 private:
  class Scope;
  void prepare_streams();
  void start_clock();
  void make_states();
  void prepare_sections();
  PreparedNode prepare(const NodePlan& plan, const std::vector<PreparedNode>& above);
  void update_states(const Clock& clock);
  void fire(Section section, const Clock& clock, const std::vector<std::shared_ptr<const Batch>>& batches);
  void report(Section section, const Clock& clock);

  Pipeline pipeline_;
  RunOptions options_;
  std::optional<tbb::global_control> parallelism_;
  std::unique_ptr<tbb::task_arena> arena_;
  StreamEnvironment streams_environment_;
  std::vector<std::unique_ptr<StreamRun>> streams_;      // null where another feed stands in
  std::vector<std::unique_ptr<StreamReader>> replaced_;  // by Feeds
  std::vector<std::unique_ptr<StreamReader>> tapped_;
  std::vector<StreamReader*> readers_;  // any of the three, by stream
  std::vector<StreamSamples> samples_;
  std::vector<std::unique_ptr<State>> states_;
  std::array<std::unique_ptr<SectionRun>, 3> sections_;
  std::int64_t steps_ = 0;
  RunPosition position_;
  bool settled_ = true;
  TimeShares times_;
  std::atomic<std::int64_t> skipped_{0};
  std::mutex telling_;
};

}  // namespace fergraph
