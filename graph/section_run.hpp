// A section at work: its nodes run once per firing, each as soon as what it depends on has finished.
#pragma once

#include <tbb/task_arena.h>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "graph/call_times.hpp"
#include "graph/frame.hpp"
#include "graph/registry.hpp"
#include "graph/stream_run.hpp"
#include "graph/trace.hpp"

namespace fergraph {

/// May put values into a node's outputs in place of a call; true where it did. A parity pack supplies draws so.
using Supply = std::function<bool(const NodePlan& node, const Clock& clock, void* out)>;

/// What a run does where a node of the step meets numbers that are NaN or infinite.
enum class OnNan {
  stop,
  skip  // goes on without that call of the node, and says so
};

template <>
struct Words<OnNan> {
  static constexpr std::array<std::pair<std::string_view, OnNan>, 2> all = {
      {{"stop", OnNan::stop}, {"skip", OnNan::skip}}};
};

/// What the file's key `on_nan` says. Throws PipelineError for another word.
OnNan on_nan_of(const Pipeline& pipeline);

struct SectionEnvironment {
  std::uint64_t seed = 1;
  int lanes = 1;
  std::shared_ptr<const ThreadScope> scope;  // may be null
  Trace* trace = nullptr;
  std::stop_token stop;
  Supply supply;                                    // may be null
  std::vector<StreamReader*> readers;               // by stream, for views
  std::vector<const StreamRun*> streams;            // for the names of samples; null where another feed stands in
  OnNan on_nan = OnNan::stop;                       // of the step; elsewhere such numbers always stop the run
  std::function<void(const std::string&)> on_skip;  // told of each call that was skipped; may be null
};

/// One lane runs the nodes in the file's order on the calling thread: no scheduler, and sums in the order of the file.
/// Several lanes run them as continue_nodes of a oneTBB flow graph, built once, in an arena of that many slots.
class SectionRun {
 public:
  SectionRun(const SectionPlan& plan, std::vector<PreparedNode> nodes, SectionEnvironment environment);
  ~SectionRun();

  /// Runs the section over the batches (by stream). Throws RunError naming file, line, node and clock, then the cause;
  /// after a failure the section may be fired again.
  void fire(const Clock& clock, const std::shared_ptr<const Batch>* batches);

  /// The value of an output after a firing, or nullptr where it is absent.
  const void* value(int node, int output, int part) const { return frame_.value(node, output, part); }
  /// Releases all values of the last firing.
  void reset() { frame_.reset(); }
  const SectionPlan& plan() const { return plan_; }
  /// Of each node, in the plan's order.
  const std::vector<CallTimes>& times() const { return times_; }

 private:
  struct Lanes;
  void run_node(std::size_t i);
  std::string failure_at(const NodePlan& plan, const std::string& cause) const;
  [[noreturn]] void fail_at(const NodePlan& plan, const std::string& cause) const;
  std::string origin_of_not_finite(std::size_t reader) const;
  std::string samples_of_batches() const;
  void met_not_finite(std::size_t i, const std::string& cause, bool lasting);

  const SectionPlan& plan_;
  std::vector<PreparedNode> nodes_;
  SectionEnvironment environment_;
  FrameLayout layout_;
  Frame frame_;
  Lane lane_;
  Clock clock_;  // of the firing
  const std::shared_ptr<const Batch>* batches_ = nullptr;
  std::unique_ptr<Lanes> lanes_;  // null with one lane
  std::vector<CallTimes> times_;
  std::mutex skipping_;
  bool skipped_ = false;  // in this firing
  int skipped_in_a_row_ = 0;
};

}  // namespace fergraph
