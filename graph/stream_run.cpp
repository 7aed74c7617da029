#include "graph/stream_run.hpp"

#include <algorithm>

#include "graph/stream_core.hpp"

namespace fergraph {
namespace {

class StreamFeed : public Feed {
 public:
  explicit StreamFeed(std::shared_ptr<StreamCore> core) : core_(std::move(core)) { core_->start(); }
  ~StreamFeed() override { core_->shut_down(); }
  StreamFeed(const StreamFeed&) = delete;
  StreamFeed& operator=(const StreamFeed&) = delete;
  std::shared_ptr<const Batch> next() override { return core_->next(); }

 private:
  std::shared_ptr<StreamCore> core_;
};

// For each node of a job, the nodes whose outputs are read for the last time by it. What a batch or a sink takes is
// kept.
std::vector<std::vector<std::size_t>> last_reads(const StreamPlan& plan, const Job& job) {
  constexpr std::size_t kept = static_cast<std::size_t>(-1);
  std::vector<std::size_t> last(plan.nodes.size());
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    last[i] = i;
    if (!job.nodes[i]) continue;
    const bool writes = job.sink && i + 1 == plan.nodes.size();
    for (const InputBinding& input : plan.nodes[i].inputs)
      for (const ValueSource& source : input.sources) {
        std::size_t& reader = last[static_cast<std::size_t>(source.node)];
        if (reader != kept) reader = writes ? kept : i;
      }
  }
  for (std::size_t i = 0; i < job.items.size(); ++i)
    if (job.items[i]) last[static_cast<std::size_t>(plan.batch->sources[i].node)] = kept;
  std::vector<std::vector<std::size_t>> reads(plan.nodes.size());
  for (std::size_t i = 0; i < last.size(); ++i)
    if (last[i] != kept) reads[last[i]].push_back(i);
  return reads;
}

}  // namespace

StreamRun::StreamRun(const StreamPlan& plan, std::vector<PreparedNode> nodes, const StreamEnvironment& environment)
    : plan_(plan),
      nodes_(std::move(nodes)),
      environment_(environment),
      layout_(plan.nodes),
      times_(plan.nodes.size()) {}

StreamRun::~StreamRun() = default;

const std::vector<StreamItem>& StreamRun::items() const { return plan_.batch->items; }

std::string StreamRun::sample_name(std::int64_t sample) const {
  const PreparedNode& source = nodes_.front();
  return source.plan->type->sample_name ? source.plan->type->sample_name(source.object.get(), sample)
                                        : "sample " + std::to_string(sample);
}

std::int64_t StreamRun::size() const { return nodes_.front().plan->type->size(nodes_.front().object.get()); }

std::int64_t StreamRun::batches_per_pass() const {
  const std::int64_t rows = plan_.batch->size;
  return plan_.batch->last == Last::keep ? (size() + rows - 1) / rows : std::max<std::int64_t>(size() / rows, 1);
}

std::unique_ptr<Feed> StreamRun::open(const FeedRequest& request) {
  const BatchPlan& batch = *plan_.batch;
  Job job;
  job.endless = request.section == Section::step;
  job.items = request.items;
  // Beside its labels and indices, a pass brings the truth with it, to measure with.
  for (std::size_t i = 0; i < batch.items.size(); ++i)
    if (!job.endless && batch.items[i].name == "truth") job.items[i] = true;
  job.batch_size = batch.size;
  job.order = job.endless ? batch.order : request.order;
  job.last = job.endless ? batch.last : request.last;
  job.ahead = batch.ahead;
  if (job.endless) {
    job.from = request.from;
  } else {
    // Passes draw from sequences of their own, apart from the step's and from each other.
    job.reader = name_hash(request.reader);
    job.first_position = (request.clock.epoch - 1) * size();
  }
  job.nodes.assign(plan_.nodes.size(), false);
  for (std::size_t i = 0; i < batch.items.size(); ++i)
    if (job.items[i]) job.nodes[static_cast<std::size_t>(batch.sources[i].node)] = true;
  for (std::size_t i = plan_.nodes.size(); i-- > 0;)
    if (job.nodes[i])
      for (const InputBinding& input : plan_.nodes[i].inputs)
        for (const ValueSource& source : input.sources) job.nodes[static_cast<std::size_t>(source.node)] = true;
  job.last_reads = last_reads(plan_, job);
  return std::make_unique<StreamFeed>(
      std::make_shared<StreamCore>(plan_, nodes_, environment_, layout_, times_, std::move(job)));
}

void StreamRun::write(std::vector<SampleRange> ranges, const std::function<void(const StreamProgress&)>& progress) {
  Job job;
  job.ranges = std::move(ranges);
  job.sink = true;
  job.nodes.assign(plan_.nodes.size(), true);
  job.batch_size = 32;
  job.ahead = 2 + 2 * environment_.threads;
  job.last_reads = last_reads(plan_, job);
  const auto core = std::make_shared<StreamCore>(plan_, nodes_, environment_, layout_, times_, std::move(job));
  struct ShutDown {
    StreamCore& core;
    ~ShutDown() { core.shut_down(); }
  } const shut_down{*core};
  core->start();
  core->wait_written(progress);
}

}  // namespace fergraph
