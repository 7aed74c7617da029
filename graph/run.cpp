#include "graph/run.hpp"

#include <algorithm>
#include <thread>

namespace fergraph {
namespace {

using SteadyClock = std::chrono::steady_clock;
double seconds_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

// A source with a fingerprint is told by that: where its files lie does not matter.
std::string describe_stream(const std::vector<PreparedNode>& nodes) {
  std::string text;
  for (const PreparedNode& node : nodes)
    if (!node.plan->type->is_source() || !(node.plan->type->fingerprint || node.plan->type->source_fingerprint))
      text += node.plan->name + ": " + node.plan->written + "\n";
  return text;
}

}  // namespace

std::optional<NumericArray> RecordedValue::numbers() const {
  if (state) return state->numbers();
  return type->numbers(value);
}

// What a state may ask of the run while it is made.
class Run::Scope : public StateScope {
 public:
  Scope(const Run& run, const std::string& name) : run_(run), name_(name) {}
  const std::string& name() const override { return name_; }
  const std::string& device() const override { return run_.options_.device; }
  std::uint64_t seed() const override { return run_.options_.seed; }
  const Tree* parameter(const std::string& parameter) const override {
    return run_.pipeline_.params() ? run_.pipeline_.params()->find(parameter) : nullptr;
  }
  const StreamSamples& stream(const std::string& stream, const Place& place) const override {
    const int found = run_.pipeline_.find_stream(stream);
    if (found >= 0) return run_.samples_[static_cast<std::size_t>(found)];
    std::vector<std::string> known;
    for (const StreamPlan& each : run_.pipeline_.streams) known.push_back(each.name);
    throw PipelineError(
        place, "There is no stream '" + stream + "'. Known are " + listed(known) + "." + did_you_mean(stream, known));
  }

 private:
  const Run& run_;
  const std::string& name_;
};

Run::Run(Pipeline pipeline, RunOptions options) : pipeline_(std::move(pipeline)), options_(std::move(options)) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int threads = options_.threads > 0 ? options_.threads : cores;
  // Streams and lanes have arenas of their own; together they may be more than the cores.
  parallelism_.emplace(tbb::global_control::max_allowed_parallelism,
                       static_cast<std::size_t>(threads + options_.lanes + 2));
  // One slot beyond the workers is kept for whoever puts samples in, so that it never waits for a worker.
  arena_ = std::make_unique<tbb::task_arena>(threads + 1, 1);
  streams_environment_.arena = arena_.get();
  streams_environment_.threads = threads;
  streams_environment_.seed = options_.seed;
  streams_environment_.scope = pipeline_.scope;
  streams_environment_.trace = options_.trace;
  streams_environment_.stop = options_.stop;
  if (options_.observer) {
    // Several streams are at work at once, but the observer is told one thing at a time.
    streams_environment_.on_void = [this](const VoidSample& sample) {
      const std::lock_guard lock(telling_);
      options_.observer->void_sample(sample);
    };
    streams_environment_.on_stall = [this](const std::string& text) {
      const std::lock_guard lock(telling_);
      options_.observer->stalled(text);
    };
  }
  prepare_streams();
  start_clock();
  make_states();
  prepare_sections();
}

Run::~Run() = default;

PreparedNode Run::prepare(const NodePlan& plan, const std::vector<PreparedNode>& above) {
  PreparedNode node;
  node.plan = &plan;
  node.name = name_hash(plan.qualified);
  Preparation preparation;
  preparation.node = plan.qualified;
  preparation.place = plan.place;
  preparation.pipeline = pipeline_.text;
  preparation.share = options_.share;
  preparation.seed = options_.seed;
  preparation.device = options_.device;
  preparation.params = pipeline_.params();
  preparation.stream_description = describe_stream(above);
  for (const PreparedNode& each : above) {
    if (each.plan->type->sample_bytes) preparation.sample_bytes = each.plan->type->sample_bytes(each.object.get());
    if (each.plan->type->fingerprint)
      preparation.fingerprints.push_back(each.plan->qualified + ": " + each.plan->type->fingerprint(each.object.get()));
  }
  if (!above.empty() && above.front().plan->type->is_source()) {
    const PreparedNode& source = above.front();
    preparation.samples = source.plan->type->size(source.object.get());
    if (source.plan->type->source_fingerprint)
      preparation.source_fingerprint = [object = source.object, type = source.plan->type](const SampleRange& range) {
        return type->source_fingerprint(object.get(), range);
      };
  }
  try {
    node.object = plan.type->prepare(plan.parameters.get(), preparation);
  } catch (const PipelineError&) {
    throw;
  } catch (const std::exception& error) {
    throw PipelineError(plan.place, plan.qualified + " (" + plan.type->name + ") cannot be prepared: " + error.what());
  }
  node.states = std::make_shared<Box>(*plan.type->state_struct);
  for (const StateBinding& binding : plan.states) {
    const StatePort& port = plan.type->states[static_cast<std::size_t>(binding.port)];
    for (const int state : binding.states)
      port.assign(static_cast<std::byte*>(node.states->get()) + port.offset, *states_[static_cast<std::size_t>(state)]);
  }
  return node;
}

void Run::prepare_streams() {
  for (const StreamPlan& stream : pipeline_.streams) {
    streams_.emplace_back();
    replaced_.emplace_back();
    StreamSamples samples;
    if (options_.feeds && stream.batch) {
      replaced_.back() = options_.feeds->reader(stream);
      readers_.push_back(replaced_.back().get());
      samples = options_.feeds->samples(stream);
    } else {
      std::vector<PreparedNode> nodes;
      for (const NodePlan& plan : stream.nodes) nodes.push_back(prepare(plan, nodes));
      const PreparedNode& source = nodes.front();
      samples.size = source.plan->type->size(source.object.get());
      if (source.plan->type->labels) samples.labels = source.plan->type->labels(source.object.get());
      streams_.back() = std::make_unique<StreamRun>(stream, std::move(nodes), streams_environment_);
      readers_.push_back(streams_.back().get());
    }
    if (options_.tap && stream.batch) {
      tapped_.push_back(options_.tap(stream, *readers_.back()));
      readers_.back() = tapped_.back().get();
    }
    samples_.push_back(std::move(samples));
  }
  steps_ = pipeline_.steps;
  if (pipeline_.steps > 0) return;
  for (const int stream : pipeline_.steps_streams)
    if (const auto& reader = streams_[static_cast<std::size_t>(stream)])
      steps_ = std::max(steps_, reader->batches_per_pass());
}

void Run::make_states() {
  for (const StatePlan& plan : pipeline_.states) {
    Box links(*plan.type->link_struct);
    for (const StateBinding& binding : plan.links) {
      const StateLink& link = plan.type->links[static_cast<std::size_t>(binding.port)];
      for (const int state : binding.states)
        link.assign(static_cast<std::byte*>(links.get()) + link.offset, *states_[static_cast<std::size_t>(state)]);
    }
    try {
      states_.push_back(plan.type->make(plan.parameters.get(), links.get(), Scope(*this, plan.name)));
    } catch (const PipelineError&) {
      throw;
    } catch (const std::exception& error) {
      throw PipelineError(plan.place,
                          "state." + plan.name + " (" + plan.type->name + ") cannot be made: " + error.what());
    }
  }
}

void Run::prepare_sections() {
  for (const SectionPlan& plan : pipeline_.sections) {
    if (plan.nodes.empty()) continue;
    std::vector<PreparedNode> nodes;
    for (const NodePlan& node : plan.nodes) nodes.push_back(prepare(node, {}));
    SectionEnvironment environment{options_.seed,
                                   plan.section == Section::step ? options_.lanes : 1,
                                   pipeline_.scope,
                                   options_.trace,
                                   options_.stop,
                                   options_.supply,
                                   readers_,
                                   {},
                                   on_nan_of(pipeline_)};
    for (const auto& stream : streams_) environment.streams.push_back(stream.get());
    environment.on_skip = [this](const std::string& text) {
      ++skipped_;
      if (!options_.observer) return;
      const std::lock_guard lock(telling_);
      options_.observer->skipped(text);
    };
    sections_[static_cast<std::size_t>(plan.section)] =
        std::make_unique<SectionRun>(plan, std::move(nodes), std::move(environment));
  }
}

State* Run::state(const std::string& name) {
  const int found = pipeline_.find_state(name);
  return found < 0 ? nullptr : states_[static_cast<std::size_t>(found)].get();
}

std::vector<DiskNeed> Run::disk_needs() const {
  std::vector<DiskNeed> needs;
  for (const auto& stream : streams_) {
    if (!stream || !stream->plan().has_sink()) continue;
    const PreparedNode& sink = stream->nodes().back();
    if (sink.plan->type->up_to_date && sink.plan->type->up_to_date(sink.object.get())) continue;
    if (sink.plan->type->disk_need) needs.push_back(sink.plan->type->disk_need(sink.object.get()));
  }
  return needs;
}

bool Run::up_to_date() const {
  return std::all_of(streams_.begin(), streams_.end(), [](const auto& stream) {
    if (!stream || !stream->plan().has_sink()) return true;
    const PreparedNode& sink = stream->nodes().back();
    return sink.plan->type->up_to_date && sink.plan->type->up_to_date(sink.object.get());
  });
}

void Run::preprocess() {
  for (const auto& stream : streams_) {
    if (!stream || !stream->plan().has_sink()) continue;
    const PreparedNode& sink = stream->nodes().back();
    if (sink.plan->type->up_to_date && sink.plan->type->up_to_date(sink.object.get())) continue;
    std::vector<SampleRange> wanted = {{0, stream->size()}};
    if (sink.plan->type->pending) wanted = sink.plan->type->pending(sink.object.get());
    std::int64_t samples = 0;
    for (const SampleRange& range : wanted) samples += range.end - range.begin;
    // Told at its start too: a short stream may end before its first report.
    if (options_.observer) options_.observer->preprocessed(stream->plan(), {0, 0, samples});
    if (samples > 0)
      stream->write(std::move(wanted), [&](const StreamProgress& progress) {
        if (options_.observer) options_.observer->preprocessed(stream->plan(), progress);
      });
    try {
      sink.plan->type->finish(sink.object.get());
    } catch (const std::exception& error) {
      throw RunError(sink.plan->place.text() + ": error: " + sink.plan->qualified + ": " + error.what());
    }
  }
}

// What is made before the run sees formulas at its start.
void Run::start_clock() {
  const Clock clock{1, pipeline_.epochs, 1, std::max<std::int64_t>(steps_, 1), 1};
  update_states(clock);
  for (const SectionPlan& section : pipeline_.sections)
    for (const NodePlan& node : section.nodes)
      for (const ClockedParameter& parameter : node.clocked) {
        try {
          parameter.update(node.parameters.get(), clock);
        } catch (const RunError&) {
          // The node may not run before the formula has a value (`when`); where it does, the firing tells.
        }
      }
}

void Run::update_states(const Clock& clock) {
  for (const StatePlan& plan : pipeline_.states)
    for (const ClockedParameter& parameter : plan.clocked) parameter.update(plan.parameters.get(), clock);
}

void Run::fire(Section section, const Clock& clock, const std::vector<std::shared_ptr<const Batch>>& batches) {
  settled_ = false;
  update_states(clock);
  const auto& run = sections_[static_cast<std::size_t>(section)];
  if (run) run->fire(clock, batches.data());
  report(section, clock);
  if (run) run->reset();
}

void Run::report(Section section, const Clock& clock) {
  if (!options_.observer) return;
  std::vector<RecordedValue> values;
  for (const RecordPlan& record : pipeline_.records) {
    for (const RecordSource& source : record.sources) {
      if (source.state >= 0) {
        if (section != Section::step)
          values.push_back({&record.name, nullptr, nullptr, states_[static_cast<std::size_t>(source.state)].get()});
        continue;
      }
      if (source.section != section) continue;
      const void* value = sections_[static_cast<std::size_t>(section)]->value(source.node, source.output, source.part);
      if (!value) continue;
      const NodePlan& node = pipeline_.section(section).nodes[static_cast<std::size_t>(source.node)];
      values.push_back(
          {&record.name, node.type->outputs[static_cast<std::size_t>(source.output)].form.type, value, nullptr});
    }
  }
  options_.observer->recorded(section, clock, values);
}

std::vector<NodeTime> Run::node_times() const {
  std::vector<NodeTime> all;
  const auto add = [&](const std::vector<NodePlan>& nodes, const std::vector<CallTimes>& times) {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      all.push_back({nodes[i].qualified, nodes[i].type->name, times[i].calls(), times[i].seconds()});
  };
  for (const auto& stream : streams_)
    if (stream) add(stream->plan().nodes, stream->times());
  for (const auto& section : sections_)
    if (section) add(section->plan().nodes, section->times());
  return all;
}

void Run::measure(const Clock& clock) {
  fire(Section::epoch_end, clock, std::vector<std::shared_ptr<const Batch>>(pipeline_.streams.size()));
}

void Run::train() {
  position_ = options_.start;
  // A stream is opened for what the step reads of it.
  std::vector<std::unique_ptr<Feed>> feeds(pipeline_.streams.size());
  for (std::size_t s = 0; s < pipeline_.streams.size(); ++s) {
    if (!pipeline_.streams[s].batch) continue;
    FeedRequest request;
    request.items.assign(pipeline_.streams[s].batch->items.size(), false);
    bool read = false;
    for (const NodePlan& node : pipeline_.section(Section::step).nodes)
      for (const InputBinding& input : node.inputs)
        for (const ValueSource& source : input.sources)
          if (source.stream == static_cast<int>(s)) read = request.items[static_cast<std::size_t>(source.item)] = true;
    if (const auto at = position_.streams.find(pipeline_.streams[s].name); at != position_.streams.end())
      request.from = at->second;
    if (read) feeds[s] = readers_[s]->open(request);
  }

  std::vector<std::shared_ptr<const Batch>> batches(feeds.size());
  Clock clock;
  clock.epochs = pipeline_.epochs;
  clock.steps = steps_;
  clock.iteration = (position_.epoch - 1) * steps_ + position_.step;
  for (clock.epoch = position_.epoch; clock.epoch <= clock.epochs; ++clock.epoch) {
    auto begin = SteadyClock::now();
    if (position_.step == 0) {
      clock.step = 1;
      Clock at_start = clock;
      ++at_start.iteration;
      fire(Section::epoch_start, at_start, batches);
      times_.epoch_sections += seconds_since(begin);
    }
    for (clock.step = position_.step + 1; clock.step <= clock.steps; ++clock.step) {
      ++clock.iteration;
      if (options_.stop.stop_requested()) throw Cancelled();
      begin = SteadyClock::now();
      for (std::size_t s = 0; s < feeds.size(); ++s) {
        if (!feeds[s]) continue;
        const auto asked = SteadyClock::now();
        batches[s] = feeds[s]->next();
        times_.waiting_for[pipeline_.streams[s].name] += seconds_since(asked);
      }
      times_.waiting_for_data += seconds_since(begin);
      begin = SteadyClock::now();
      fire(Section::step, clock, batches);
      for (std::size_t s = 0; s < feeds.size(); ++s)
        if (feeds[s]) position_.streams[pipeline_.streams[s].name] = batches[s]->next;
      for (auto& batch : batches) batch.reset();
      times_.step += seconds_since(begin);
      position_.step = clock.step;
      settled_ = true;
      if (options_.observer) options_.observer->step_done(clock);
    }
    clock.step = clock.steps;
    begin = SteadyClock::now();
    fire(Section::epoch_end, clock, batches);
    times_.epoch_sections += seconds_since(begin);
    position_.epoch = clock.epoch + 1;
    position_.step = 0;
    settled_ = true;
    if (options_.observer) options_.observer->epoch_done(clock);
  }
}

}  // namespace fergraph
