// A stream at work: its samples run through their nodes on oneTBB's flow graph, ahead of whoever reads the batches.
#pragma once

#include <tbb/task_arena.h>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "graph/call_times.hpp"
#include "graph/frame.hpp"
#include "graph/registry.hpp"
#include "graph/trace.hpp"

namespace fergraph {

/// What streams need of the run that they belong to.
struct StreamEnvironment {
  tbb::task_arena* arena = nullptr;
  int threads = 1;
  std::uint64_t seed = 1;
  std::shared_ptr<const ThreadScope> scope;  // may be null
  Trace* trace = nullptr;
  std::stop_token stop;
  std::function<void(const VoidSample&)> on_void;    // in the order of samples, by one thread at a time
  std::function<void(const std::string&)> on_stall;  // a reader has waited for long: what is in flight
};

/// How far a stream is.
struct StreamProgress {
  std::int64_t samples = 0;  // finished, voids included
  std::int64_t voids = 0;
  std::int64_t total = 0;  // of one pass
};

/// A stream whose nodes are prepared; opened once per reader.
class StreamRun : public StreamReader {
 public:
  StreamRun(const StreamPlan& plan, std::vector<PreparedNode> nodes, const StreamEnvironment& environment);
  ~StreamRun() override;

  const std::vector<StreamItem>& items() const override;
  /// Order comes from sample keys (pass, position) alone, so the batches are the same for any number of threads. At
  /// most `ahead` batches beyond the one being read are in flight: a batch's destruction returns its rows' credits.
  std::unique_ptr<Feed> open(const FeedRequest& request) override;
  /// What messages call a sample of the source: its path or id.
  std::string sample_name(std::int64_t sample) const;

  /// Runs a preprocessing stream over samples of its source: each once, in order, into the sink. No ranges: all of
  /// them. `progress` is called about five times a second. Throws RunError, or Cancelled.
  void write(std::vector<SampleRange> ranges, const std::function<void(const StreamProgress&)>& progress);

  std::int64_t size() const;
  /// Full batches in one pass (a last one that is not full counts where the batch node keeps it).
  std::int64_t batches_per_pass() const;
  const StreamPlan& plan() const { return plan_; }
  const std::vector<PreparedNode>& nodes() const { return nodes_; }
  /// Of each node, in the plan's order, over all readers; a call is one sample.
  const std::vector<CallTimes>& times() const { return times_; }

 private:
  const StreamPlan& plan_;
  std::vector<PreparedNode> nodes_;
  const StreamEnvironment& environment_;
  FrameLayout layout_;
  std::vector<CallTimes> times_;
};

}  // namespace fergraph
