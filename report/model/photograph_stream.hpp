// A stream of photographs at work without a run: its nodes prepared once, its source shown other photographs each time.
#pragma once

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "graph/stream_run.hpp"
#include "nodes/face/photograph_list.hpp"
#include "report/model/face_pipeline.hpp"

namespace fergraph {

class PhotographStream {
 public:
  struct Options {
    int threads = 0;  ///< 0: as many as there are cores
    std::stop_token stop;
    std::function<void(const VoidSample&)> on_void;  ///< one at a time, of any thread
  };
  /// Throws RunError where a node cannot be prepared: weights that are missing, a cascade that is not there.
  PhotographStream(const FacePipeline& faces, Registry registry, const Options& options);
  PhotographStream(const PhotographStream&) = delete;
  PhotographStream& operator=(const PhotographStream&) = delete;

  /// One pass over the photographs, in their order, in batches.
  std::unique_ptr<Feed> open(std::shared_ptr<const SampleTable> photographs);

  int threads() const { return environment_.threads; }
  /// Where its nodes work; other work may be put there.
  tbb::task_arena& arena() { return arena_; }
  const std::vector<PreparedNode>& nodes() const { return stream_->nodes(); }

 private:
  std::shared_ptr<PhotographList> source_ = std::make_shared<PhotographList>();
  Pipeline pipeline_;
  StreamEnvironment environment_;
  tbb::global_control parallelism_;
  tbb::task_arena arena_;
  std::optional<StreamRun> stream_;
};

}  // namespace fergraph
