#include "graph/section_run.hpp"

#include <tbb/flow_graph.h>

#include <atomic>
#include <mutex>

namespace fergraph {

struct SectionRun::Lanes {
  using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;
  explicit Lanes(int lanes) : arena(lanes, 1) {}

  tbb::task_arena arena;
  std::unique_ptr<tbb::flow::graph> graph;
  std::unique_ptr<tbb::flow::broadcast_node<tbb::flow::continue_msg>> start;
  std::vector<std::unique_ptr<Node>> nodes;
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::exception_ptr failure;
};

SectionRun::SectionRun(const SectionPlan& plan, std::vector<PreparedNode> nodes, SectionEnvironment environment)
    : plan_(plan),
      nodes_(std::move(nodes)),
      environment_(std::move(environment)),
      layout_(plan.nodes),
      frame_(layout_),
      lane_(plan.section == Section::step ? Lane::step : Lane::epoch) {
  if (environment_.lanes < 2 || plan.nodes.size() < 2) return;
  lanes_ = std::make_unique<Lanes>(environment_.lanes);
  // The graph belongs to the arena in which it is made.
  lanes_->arena.execute([&] {
    lanes_->graph = std::make_unique<tbb::flow::graph>();
    lanes_->start = std::make_unique<tbb::flow::broadcast_node<tbb::flow::continue_msg>>(*lanes_->graph);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      lanes_->nodes.push_back(std::make_unique<Lanes::Node>(*lanes_->graph, [this, i](const tbb::flow::continue_msg&) {
        // Failures stay inside: an exception would leave the flow graph unusable.
        if (lanes_->failed.load(std::memory_order_acquire)) return;
        try {
          tbb::this_task_arena::isolate([&] { run_node(i); });
        } catch (...) {
          const std::lock_guard lock(lanes_->mutex);
          if (!lanes_->failure) lanes_->failure = std::current_exception();
          lanes_->failed.store(true, std::memory_order_release);
        }
      }));
      const std::vector<int>& after = plan_.nodes[i].after;
      if (after.empty()) tbb::flow::make_edge(*lanes_->start, *lanes_->nodes[i]);
      for (const int before : after)
        tbb::flow::make_edge(*lanes_->nodes[static_cast<std::size_t>(before)], *lanes_->nodes[i]);
    }
  });
}

SectionRun::~SectionRun() = default;

void SectionRun::fire(const Clock& clock, const std::shared_ptr<const Batch>* batches) {
  frame_.reset();
  clock_ = clock;
  batches_ = batches;
  if (!lanes_) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) run_node(i);
    return;
  }
  lanes_->failed = false;
  lanes_->arena.execute([&] {
    lanes_->start->try_put(tbb::flow::continue_msg());
    lanes_->graph->wait_for_all();
  });
  if (lanes_->failure) std::rethrow_exception(std::exchange(lanes_->failure, nullptr));
}

void SectionRun::fail_at(const NodePlan& plan, const std::string& cause) const {
  throw RunError(plan.place.text() + ": error: " + plan.qualified + " (" + plan.type->name + ") failed at epoch " +
                 std::to_string(clock_.epoch) + ", " +
                 (plan_.section == Section::step ? "step " + std::to_string(clock_.step)
                                                 : std::string(section_name(plan_.section))) +
                 ": " + cause);
}

void SectionRun::run_node(std::size_t i) {
  const PreparedNode& node = nodes_[i];
  const NodePlan& plan = *node.plan;
  const auto body = [&] {
    if (plan.when && plan.when->at(clock_) == 0) return;
    if (!gather(plan, i, frame_, batches_, clock_)) return;
    const TraceSpan span(environment_.trace, plan.qualified, section_name(plan_.section), clock_.iteration);
    if (environment_.supply && environment_.supply(plan, clock_, frame_.out(i))) {
      frame_.set_ran(i);
      return;
    }
    for (const ClockedParameter& parameter : plan.clocked) parameter.update(plan.parameters.get(), clock_);
    for (const InputBinding& binding : plan.inputs) {
      const InputPort& port = plan.type->inputs[static_cast<std::size_t>(binding.port)];
      if (!port.is_view) continue;
      const ValueSource& source = binding.sources.front();
      port.assign_view(static_cast<std::byte*>(frame_.in(i)) + port.offset,
                       *environment_.readers[static_cast<std::size_t>(source.stream)],
                       static_cast<std::size_t>(source.item));
    }
    Context context;
    context.node = plan.qualified;
    context.name = node.name;
    context.seed = environment_.seed;
    context.section = plan_.section;
    context.clock = clock_;
    context.position = clock_.iteration;
    context.stop = environment_.stop;
    call(node, i, frame_, context);
  };
  try {
    try {
      if (environment_.scope)
        environment_.scope->around(lane_, body);
      else
        body();
    } catch (...) {
      // What was gathered must not leak into the next firing, which resets only nodes that ran.
      plan.type->in->reset(frame_.in(i));
      plan.type->out->reset(frame_.out(i));
      throw;
    }
  } catch (const Cancelled&) {
    throw;
  } catch (const RunError&) {
    // A stream that the node reads, or a formula, has told its own place already.
    throw;
  } catch (const PipelineError&) {
    throw;
  } catch (const std::exception& error) {
    fail_at(plan, error.what());
  } catch (const Void& reason) {
    fail_at(plan, reason.reason);
  } catch (...) {
    fail_at(plan, "it threw something that is no std::exception.");
  }
}

}  // namespace fergraph
