#include "graph/section_run.hpp"

#include <tbb/flow_graph.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "graph/not_finite.hpp"

namespace fergraph {
namespace {

// What is skipped time and again is no stray step: the run would only burn time.
constexpr int most_skipped_in_a_row = 100;

bool is_finite(const NumericArray& array) {
  const auto* numbers = std::get_if<std::vector<double>>(&array.values);
  return !numbers || std::all_of(numbers->begin(), numbers->end(), [](double number) { return std::isfinite(number); });
}

}  // namespace

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

OnNan on_nan_of(const Pipeline& pipeline) {
  const Tree* given = pipeline.root.find("on_nan");
  if (!given || given->told || given->is_nothing()) return OnNan::stop;
  try {
    return Codec<OnNan>::parse(*given, pipeline.params());
  } catch (const PipelineError& error) {
    throw PipelineError(given->place, "on_nan: " + error.problems().front().message);
  }
}

SectionRun::SectionRun(const SectionPlan& plan, std::vector<PreparedNode> nodes, SectionEnvironment environment)
    : plan_(plan),
      nodes_(std::move(nodes)),
      environment_(std::move(environment)),
      layout_(plan.nodes),
      frame_(layout_),
      lane_(plan.section == Section::step ? Lane::step : Lane::epoch),
      times_(plan.nodes.size()) {
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
  skipped_ = false;
  if (!lanes_) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) run_node(i);
  } else {
    lanes_->failed = false;
    lanes_->arena.execute([&] {
      lanes_->start->try_put(tbb::flow::continue_msg());
      lanes_->graph->wait_for_all();
    });
    if (lanes_->failure) std::rethrow_exception(std::exchange(lanes_->failure, nullptr));
  }
  if (!skipped_) skipped_in_a_row_ = 0;
}

std::string SectionRun::failure_at(const NodePlan& plan, const std::string& cause) const {
  return plan.place.text() + ": error: " + plan.qualified + " (" + plan.type->name + ") failed at epoch " +
         std::to_string(clock_.epoch) + ", " +
         (plan_.section == Section::step ? "step " + std::to_string(clock_.step)
                                         : std::string(section_name(plan_.section))) +
         ": " + cause;
}

void SectionRun::fail_at(const NodePlan& plan, const std::string& cause) const {
  throw RunError(failure_at(plan, cause));
}

// Looks only at nodes that the reader waits for: in other lanes others may be at work.
std::string SectionRun::origin_of_not_finite(std::size_t reader) const {
  std::vector<char> above(nodes_.size(), 0);
  above[reader] = 1;
  for (std::size_t i = reader + 1; i-- > 0;)
    if (above[i])
      for (const int before : nodes_[i].plan->after) above[static_cast<std::size_t>(before)] = 1;
  for (std::size_t i = 0; i < reader; ++i) {
    if (!above[i]) continue;
    const NodePlan& plan = *nodes_[i].plan;
    for (std::size_t output = 0; output < plan.type->outputs.size(); ++output) {
      const OutputPort& port = plan.type->outputs[output];
      const void* value =
          port.form.type->numbers ? frame_.value(static_cast<int>(i), static_cast<int>(output), -1) : nullptr;
      if (value && !is_finite(port.form.type->numbers(value)))
        return " The first node above it whose numbers are not finite is " + plan.qualified + " (" + plan.type->name +
               ", " + plan.place.text() + ") with its '" + port.name + "'.";
    }
  }
  return {};
}

std::string SectionRun::samples_of_batches() const {
  std::string text;
  for (std::size_t s = 0; batches_ && s < environment_.streams.size(); ++s) {
    const StreamRun* stream = environment_.streams[s];
    if (!stream || !batches_[s] || batches_[s]->samples.empty()) continue;
    text += (text.empty() ? "" : "; ") + stream->plan().name + ": ";
    const std::vector<std::int64_t>& samples = batches_[s]->samples;
    for (std::size_t i = 0; i < samples.size(); ++i)
      text += (i > 0 ? ", " : "") + std::to_string(samples[i]) + " (" + stream->sample_name(samples[i]) + ")";
  }
  return text.empty() ? text : " The samples of the batches were " + text + ".";
}

void SectionRun::met_not_finite(std::size_t i, const std::string& cause, bool lasting) {
  const std::string text = failure_at(*nodes_[i].plan, cause + origin_of_not_finite(i) + samples_of_batches());
  if (lasting) throw RunError(text + " Lower the learning rate or bound the gradients with clip_norm.");
  if (plan_.section != Section::step || environment_.on_nan == OnNan::stop)
    throw RunError(text +
                   " Lower the learning rate, bound the gradients with clip_norm, or leave such steps out with "
                   "--set on_nan=skip.");
  const std::lock_guard lock(skipping_);
  if (!std::exchange(skipped_, true) && ++skipped_in_a_row_ >= most_skipped_in_a_row)
    throw RunError(text + " This was step " + std::to_string(skipped_in_a_row_) +
                   " in a row to be skipped, so nothing is learned any more. Lower the learning rate.");
  if (environment_.on_skip) environment_.on_skip(text);
}

void SectionRun::run_node(std::size_t i) {
  const PreparedNode& node = nodes_[i];
  const NodePlan& plan = *node.plan;
  const auto body = [&] {
    if (plan.when && plan.when->at(clock_) == 0) return;
    if (!gather(plan, i, frame_, batches_, clock_)) return;
    const TimedCall timed(times_[i]);
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
  } catch (const NotFinite& numbers) {
    met_not_finite(i, numbers.what(), numbers.lasting);
  } catch (const std::exception& error) {
    fail_at(plan, error.what());
  } catch (const Void& reason) {
    fail_at(plan, reason.reason);
  } catch (...) {
    fail_at(plan, "it threw something that is no std::exception.");
  }
}

}  // namespace fergraph
