// The machinery of one feed: what is emitted, in flight, put in order and ready, under one lock. Used by stream_run.cpp
// alone.
#pragma once

#include <tbb/flow_graph.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "graph/stream_run.hpp"
#include "graph/stream_sample.hpp"

namespace fergraph {

/// All of a feed's state. Batches hold it weakly to return credits, so it may outlive the Feed for a moment.
class StreamCore : public std::enable_shared_from_this<StreamCore> {
 public:
  StreamCore(const StreamPlan& plan, const std::vector<PreparedNode>& nodes, const StreamEnvironment& environment,
             const FrameLayout& layout, std::vector<CallTimes>& times, Job job)
      : plan_(plan), nodes_(nodes), environment_(environment), layout_(layout), times_(times), job_(std::move(job)) {
    source_ = nodes_.front();
    size_ = source_.plan->type->size(source_.object.get());
    if (!job_.ranges.empty()) {
      size_ = 0;
      for (const SampleRange& range : job_.ranges) size_ += range.end - range.begin;
      next_in_range_ = job_.ranges.front().begin;
    }
    if (size_ > 0) {
      pass_ = job_.from.position / size_;
      emitted_in_pass_ = job_.from.position % size_;
      // The end of a pass is noticed at the first sample of the next.
      pass_drained_ = emitted_in_pass_ == 0 && job_.from.samples_of_pass > 0 ? pass_ - 1 : pass_;
      samples_of_pass_ = job_.from.samples_of_pass;
      voids_of_pass_ = job_.from.voids_of_pass;
    }
    const auto threads = static_cast<std::int64_t>(environment_.threads);
    chunk_size_ = std::clamp<std::int64_t>(job_.batch_size / (2 * threads), 1, 64);
    capacity_ = job_.batch_size * (job_.ahead + 1) + chunk_size_;
    // Enough that no thread waits for work. More would only let new chunks overtake old ones, whose samples are needed
    // first, and would put a whole huge batch on its way at once.
    most_at_work_ = 4 * threads;
    // The graph belongs to the arena in which it is made.
    environment_.arena->execute([&] {
      graph_ = std::make_unique<tbb::flow::graph>();
      work_ = std::make_unique<Work>(*graph_, tbb::flow::unlimited, [this](Chunk* chunk) { return run_chunk(chunk); });
      collate_ =
          std::make_unique<Collate>(*graph_, tbb::flow::unlimited, [this](Gathering* rows) { return collate(rows); });
      // Chunks are put in order, by one thread at a time, so the queue of a serial node keeps their order.
      write_ = std::make_unique<Work>(*graph_, tbb::flow::serial, [this](Chunk* chunk) { return write_chunk(chunk); });
    });
  }

  void start() {
    if (size_ == 0)
      throw RunError(source_.plan->place.text() + ": error: " + source_.plan->qualified +
                     ": the source has no samples. Check the file and the split that it names.");
    stop_callback_.emplace(environment_.stop, [this] {
      const std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    const std::lock_guard lock(mutex_);
    emit();
  }

  // Waits until nothing of this feed runs any more.
  void shut_down() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stop_callback_.reset();
    graph_->wait_for_all();
    ready_.clear();
  }

  std::shared_ptr<const Batch> next() {
    std::unique_lock lock(mutex_);
    std::chrono::seconds waited{0};
    while (true) {
      if (environment_.stop.stop_requested()) throw Cancelled();
      // What comes before a failure is delivered, so that a run ends at the same step whatever the number of threads.
      if (failure_ && next_batch_ >= first_failed_batch_) std::rethrow_exception(failure_);
      if (const auto found = ready_.find(next_batch_); found != ready_.end()) {
        std::shared_ptr<const Batch> batch = std::move(found->second);
        ready_.erase(found);
        ++next_batch_;
        return batch;
      }
      if (drained_ && next_batch_ >= batches_made_) return nullptr;
      if (changed_.wait_for(lock, std::chrono::seconds(10)) == std::cv_status::timeout) {
        waited += std::chrono::seconds(10);
        if (environment_.on_stall) environment_.on_stall(describe(waited.count()));
      }
    }
  }

  void wait_written(const std::function<void(const StreamProgress&)>& progress) {
    std::unique_lock lock(mutex_);
    while (!drained_ && !failure_ && !environment_.stop.stop_requested()) {
      changed_.wait_for(lock, std::chrono::milliseconds(200));
      if (!progress) continue;
      const StreamProgress now{finished_, voids_, size_};
      lock.unlock();
      progress(now);
      lock.lock();
    }
    if (failure_) std::rethrow_exception(failure_);
    if (!drained_) throw Cancelled();
  }

  void retire(std::int64_t rows) {
    const std::lock_guard lock(mutex_);
    in_flight_ -= rows;
    emit();
  }

 private:
  using Work = tbb::flow::function_node<Chunk*, tbb::flow::continue_msg>;
  using Collate = tbb::flow::function_node<Gathering*, tbb::flow::continue_msg>;

  // Puts as many chunks on their way as there are credits for. Called under the lock: once `stopping_` is set nothing
  // new can start behind the back of shut_down. Called from tasks and destructors, so it keeps its failures.
  void emit() {
    try {
      while (!stopping_ && !failure_ && !all_emitted_ && in_flight_ + chunk_size_ <= capacity_ &&
             chunks_at_work_ < most_at_work_) {
        Chunk* chunk = make_chunk();
        ++chunks_at_work_;
        work_->try_put(chunk);
      }
    } catch (...) {
      fail_from(batches_made_, std::current_exception());
    }
  }

  // Called under the lock: batches from this one on will not come.
  void fail_from(std::int64_t batch, std::exception_ptr failure) {
    if (!failure_ || batch < first_failed_batch_) {
      failure_ = std::move(failure);
      first_failed_batch_ = batch;
    }
    stopping_ = true;
    changed_.notify_all();
  }

  Chunk* make_chunk() {
    auto chunk = std::make_unique<Chunk>();
    chunk->number = chunks_emitted_++;
    chunk->samples.reserve(static_cast<std::size_t>(chunk_size_));
    for (std::int64_t i = 0; i < chunk_size_ && !all_emitted_; ++i) {
      if (permuted_pass_ != pass_ && job_.order == Order::shuffled) {
        permuted_pass_ = pass_;
        Random random(environment_.seed, name_hash("streams." + plan_.name + ".order") ^ job_.reader,
                      static_cast<std::uint64_t>(job_.first_position / std::max<std::int64_t>(size_, 1) + pass_));
        permutation_ = random.permutation(size_);
      }
      StreamSample sample;
      if (pool_.empty()) {
        sample.frame = std::make_unique<Frame>(layout_);
      } else {
        sample.frame = std::move(pool_.back());
        pool_.pop_back();
      }
      sample.index = next_index();
      // What is drawn for a sample is the same whether a run makes all of them or goes on with the rest.
      sample.position = job_.ranges.empty() ? job_.first_position + pass_ * size_ + emitted_in_pass_ : sample.index;
      sample.pass = pass_;
      chunk->samples.push_back(std::move(sample));
      if (++emitted_in_pass_ == size_) {
        emitted_in_pass_ = 0;
        ++pass_;
        all_emitted_ = !job_.endless;
      }
    }
    in_flight_ += static_cast<std::int64_t>(chunk->samples.size());
    return chunk.release();
  }

  std::int64_t next_index() {
    if (!permutation_.empty()) return permutation_[static_cast<std::size_t>(emitted_in_pass_)];
    if (job_.ranges.empty()) return emitted_in_pass_;
    while (next_in_range_ == job_.ranges[range_].end) next_in_range_ = job_.ranges[++range_].begin;
    return next_in_range_++;
  }

  Context context_of(const PreparedNode& node, const StreamSample& sample) const {
    Context context;
    context.node = node.plan->qualified;
    context.name = node.name ^ job_.reader;
    context.seed = environment_.seed;
    context.sample = sample.index;
    context.position = sample.position;
    context.stop = environment_.stop;
    return context;
  }

  std::string sample_name(std::int64_t index) const {
    const NodeType& type = *source_.plan->type;
    return type.sample_name ? type.sample_name(source_.object.get(), index) : "sample " + std::to_string(index);
  }

  [[noreturn]] void fail_at(const PreparedNode& node, std::int64_t index, const std::string& cause) const {
    throw RunError(node.plan->place.text() + ": error: " + node.plan->qualified + " failed on sample " +
                   std::to_string(index) + " (" + sample_name(index) + "): " + cause);
  }

  tbb::flow::continue_msg run_chunk(Chunk* chunk) {
    {
      const std::lock_guard lock(mutex_);
      active_.push_back(chunk);
    }
    chunk->failure = guarded([&] {
      for (std::size_t s = 0; s < chunk->samples.size() && !stopping_; ++s) {
        chunk->current_sample = s;
        run_sample(*chunk, chunk->samples[s]);
      }
    });
    chunk_done(chunk);
    return {};
  }

  void run_sample(Chunk& chunk, StreamSample& sample) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!job_.nodes[i] || (job_.sink && i + 1 == nodes_.size())) continue;
      chunk.current_node.store(i, std::memory_order_relaxed);
      const PreparedNode& node = nodes_[i];
      try {
        const TimedCall timed(times_[i]);
        const TraceSpan span(environment_.trace, node.plan->qualified, "stream", sample.position);
        if (!gather(*node.plan, i, *sample.frame, nullptr, Clock{}))
          throw Void{"the data has no value for an input of " + node.plan->name + "."};
        call(node, i, *sample.frame, context_of(node, sample));
        node.plan->type->in->reset(sample.frame->in(i));
        for (const std::size_t read : job_.last_reads[i]) sample.frame->reset(read);
      } catch (const Void& reason) {
        sample.void_reason = reason.reason;
        sample.void_node = i;
        node.plan->type->in->reset(sample.frame->in(i));
        sample.frame->reset();
        return;
      } catch (const Cancelled&) {
        throw;
      } catch (const std::exception& error) {
        fail_at(node, sample.index, error.what());
      } catch (...) {
        fail_at(node, sample.index, "it threw something that is no std::exception.");
      }
    }
  }

  // Runs a body under the thread scope, isolated: a nested parallel loop must not start another body of this graph.
  // Failures are returned: an exception would leave the flow graph unusable.
  template <class Body>
  std::exception_ptr guarded(const Body& body) {
    try {
      tbb::this_task_arena::isolate([&] {
        if (environment_.scope)
          environment_.scope->around(Lane::stream, body);
        else
          body();
      });
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  // Takes finished chunks in the order of their numbers.
  void chunk_done(Chunk* chunk) {
    std::vector<Gathering*> full;
    {
      const std::lock_guard lock(mutex_);
      std::erase(active_, chunk);
      --chunks_at_work_;
      finished_chunks_.emplace(chunk->number, std::unique_ptr<Chunk>(chunk));
      try {
        for (auto first = finished_chunks_.begin(); first != finished_chunks_.end() && first->first == chunks_drained_;
             first = finished_chunks_.begin()) {
          std::unique_ptr<Chunk> done = std::move(first->second);
          finished_chunks_.erase(first);
          ++chunks_drained_;
          if (stopping_) continue;
          if (job_.sink) {
            write_->try_put(done.release());
            continue;
          }
          drain(*done, full);
        }
        if (all_emitted_ && chunks_drained_ == chunks_emitted_ && !job_.sink && !stopping_) {
          end_pass(full);
          expect_some();
          drained_ = true;
          changed_.notify_all();
        }
      } catch (...) {
        fail_from(batches_made_, std::current_exception());
      }
      emit();
    }
    for (Gathering* rows : full) collate_->try_put(rows);
  }

  void report_void(const StreamSample& sample) {
    ++voids_;
    const PreparedNode& node = nodes_[sample.void_node];
    const VoidSample report{plan_.name,   node.plan->qualified,      node.plan->place,
                            sample.index, sample_name(sample.index), *sample.void_reason};
    if (environment_.on_void) environment_.on_void(report);
    if (job_.sink && nodes_.back().plan->type->write_void)
      nodes_.back().plan->type->write_void(nodes_.back().object.get(), report);
    if (plan_.batch && !plan_.batch->skip_voids)
      fail_at(node, sample.index, *sample.void_reason + " (the stream's batch says on_void: fail).");
  }

  // A pass of voids alone would repeat for ever, or give empty results.
  void expect_some() const {
    if (samples_of_pass_ > voids_of_pass_) return;
    throw RunError(source_.plan->place.text() + ": error: The stream '" + plan_.name +
                   "' could not deliver a single one of its " + std::to_string(size_) +
                   " samples. Check the paths, and the run's voids; the last of them was: " + last_reason_);
  }

  void recycle(StreamSample& sample) {
    sample.frame->reset();
    pool_.push_back(std::move(sample.frame));
  }

  void drain(Chunk& chunk, std::vector<Gathering*>& full) {
    for (std::size_t i = 0; i < chunk.samples.size(); ++i) {
      if (chunk.failure && i == chunk.current_sample) std::rethrow_exception(chunk.failure);
      StreamSample& sample = chunk.samples[i];
      if (sample.pass != pass_drained_) {
        pass_drained_ = sample.pass;
        expect_some();
        // Where a pass has less than a batch, batches reach over passes, or none would ever be full.
        const bool has_batch = samples_of_pass_ - voids_of_pass_ >= job_.batch_size;
        samples_of_pass_ = voids_of_pass_ = 0;
        drained_to_ = sample.position;
        if (job_.last == Last::keep || has_batch) end_pass(full);
      }
      ++finished_;
      ++samples_of_pass_;
      drained_to_ = sample.position + 1;
      if (sample.void_reason) {
        ++voids_of_pass_;
        last_reason_ = *sample.void_reason;
        report_void(sample);
        recycle(sample);
        --in_flight_;
        continue;
      }
      gathering_.push_back(std::move(sample));
      if (static_cast<std::int64_t>(gathering_.size()) == job_.batch_size) close_batch(full);
    }
  }

  void close_batch(std::vector<Gathering*>& full) {
    full.push_back(
        new Gathering{batches_made_++, {drained_to_, samples_of_pass_, voids_of_pass_}, std::move(gathering_)});
    gathering_.clear();
  }

  // What is left over at the end of a pass is a batch of its own, or goes back.
  void end_pass(std::vector<Gathering*>& full) {
    if (gathering_.empty()) return;
    if (job_.last == Last::keep) {
      close_batch(full);
      return;
    }
    for (StreamSample& sample : gathering_) recycle(sample);
    in_flight_ -= static_cast<std::int64_t>(gathering_.size());
    gathering_.clear();
  }

  tbb::flow::continue_msg collate(Gathering* taken) {
    const std::unique_ptr<Gathering> rows(taken);
    const auto count = static_cast<std::int64_t>(rows->samples.size());
    auto batch = std::make_unique<Batch>();
    const std::exception_ptr failure = guarded([&] {
      try {
        batch->number = rows->number;
        batch->size = count;
        batch->next = rows->next;
        batch->layout = &plan_.batch->items;
        batch->items.resize(plan_.batch->items.size());
        for (const StreamSample& sample : rows->samples) batch->samples.push_back(sample.index);
        std::vector<const void*> values(rows->samples.size());
        for (std::size_t i = 0; i < batch->items.size(); ++i) {
          if (!job_.items[i]) continue;
          const ValueSource& source = plan_.batch->sources[i];
          for (std::size_t r = 0; r < values.size(); ++r) {
            values[r] = rows->samples[r].frame->value(source.node, source.output, source.part);
            if (!values[r])
              fail_at(nodes_[static_cast<std::size_t>(source.node)], rows->samples[r].index,
                      "its output '" + source.text + "' is absent.");
          }
          batch->items[i] = plan_.batch->collators[i]->collate(values);
        }
      } catch (const RunError&) {
        throw;
      } catch (const std::exception& error) {
        throw RunError(plan_.batch->place.text() + ": error: streams." + plan_.name +
                       ": the samples could not be put into one batch: " + error.what());
      }
    });
    const std::shared_ptr<const Batch> shared(batch.release(), [core = weak_from_this(), count](const Batch* each) {
      delete each;
      if (const auto alive = core.lock()) alive->retire(count);
    });
    // Values are released outside the lock: they may be large.
    for (StreamSample& sample : rows->samples) sample.frame->reset();
    {
      const std::lock_guard lock(mutex_);
      for (StreamSample& sample : rows->samples) pool_.push_back(std::move(sample.frame));
      if (failure)
        fail_from(rows->number, failure);
      else
        ready_.emplace(rows->number, shared);
      changed_.notify_all();
    }
    return {};
  }

  tbb::flow::continue_msg write_chunk(Chunk* taken) {
    const std::unique_ptr<Chunk> chunk(taken);
    const PreparedNode& sink = nodes_.back();
    const std::size_t at = nodes_.size() - 1;
    const std::exception_ptr failure = guarded([&] {
      for (std::size_t i = 0; i < chunk->samples.size(); ++i) {
        if (stopping_) return;
        if (chunk->failure && i == chunk->current_sample) std::rethrow_exception(chunk->failure);
        StreamSample& sample = chunk->samples[i];
        try {
          const TimedCall timed(times_[at]);
          const TraceSpan span(environment_.trace, sink.plan->qualified, "stream", sample.position);
          if (!sample.void_reason && !gather(*sink.plan, at, *sample.frame, nullptr, Clock{})) {
            sample.void_reason = "the data has no value for an input of " + sink.plan->name + ".";
            sample.void_node = at;
          }
          if (sample.void_reason)
            report_void(sample);
          else
            call(sink, at, *sample.frame, context_of(sink, sample));
        } catch (const Cancelled&) {
          throw;
        } catch (const std::exception& error) {
          fail_at(sink, sample.index, error.what());
        } catch (...) {
          fail_at(sink, sample.index, "it threw something that is no std::exception.");
        }
      }
    });
    for (StreamSample& sample : chunk->samples) sample.frame->reset();
    {
      const std::lock_guard lock(mutex_);
      for (StreamSample& sample : chunk->samples) pool_.push_back(std::move(sample.frame));
      in_flight_ -= static_cast<std::int64_t>(chunk->samples.size());
      finished_ += static_cast<std::int64_t>(chunk->samples.size());
      if (failure) fail_from(0, failure);
      if (finished_ == size_) {
        drained_ = true;
        changed_.notify_all();
      }
      emit();
    }
    return {};
  }

  // For the stall report; called under the lock.
  std::string describe(std::int64_t seconds) const {
    std::string text = "The step has waited " + std::to_string(seconds) + " s for a batch of the stream '" +
                       plan_.name + "': " + std::to_string(in_flight_) + " samples in flight, " +
                       std::to_string(gathering_.size()) + " wait in a batch that is not full.";
    for (std::size_t i = 0; i < active_.size() && i < 4; ++i) {
      const Chunk& chunk = *active_[i];
      const StreamSample& sample = chunk.samples[std::min(chunk.current_sample.load(), chunk.samples.size() - 1)];
      text += " " + nodes_[chunk.current_node.load()].plan->qualified + " works on sample " +
              std::to_string(sample.index) + " (" + sample_name(sample.index) + ").";
    }
    return text;
  }

  const StreamPlan& plan_;
  const std::vector<PreparedNode>& nodes_;
  const StreamEnvironment& environment_;
  const FrameLayout& layout_;
  std::vector<CallTimes>& times_;  // of the stream, by node
  const Job job_;
  PreparedNode source_;
  std::int64_t size_ = 0;
  std::int64_t chunk_size_ = 1;
  std::int64_t capacity_ = 1;      // samples in flight at most
  std::int64_t most_at_work_ = 1;  // chunks emitted and not finished at most

  std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::atomic<bool> stopping_{false};
  std::exception_ptr failure_;
  std::int64_t first_failed_batch_ = 0;
  std::vector<std::unique_ptr<Frame>> pool_;
  std::vector<Chunk*> active_;  // a thread works on them

  std::int64_t pass_ = 0;
  std::int64_t emitted_in_pass_ = 0;
  std::int64_t chunks_emitted_ = 0;
  std::int64_t chunks_at_work_ = 0;
  bool all_emitted_ = false;
  std::int64_t in_flight_ = 0;
  std::int64_t permuted_pass_ = -1;
  std::vector<std::int64_t> permutation_;
  std::size_t range_ = 0;
  std::int64_t next_in_range_ = 0;

  std::map<std::int64_t, std::unique_ptr<Chunk>> finished_chunks_;
  std::int64_t chunks_drained_ = 0;
  std::int64_t pass_drained_ = 0;
  std::int64_t samples_of_pass_ = 0;
  std::int64_t voids_of_pass_ = 0;
  std::int64_t drained_to_ = 0;  // the position behind the last sample
  std::string last_reason_;
  std::vector<StreamSample> gathering_;
  std::int64_t batches_made_ = 0;
  bool drained_ = false;
  std::int64_t finished_ = 0;
  std::atomic<std::int64_t> voids_{0};

  std::map<std::int64_t, std::shared_ptr<const Batch>> ready_;
  std::int64_t next_batch_ = 0;

  std::optional<std::stop_callback<std::function<void()>>> stop_callback_;
  std::unique_ptr<tbb::flow::graph> graph_;
  std::unique_ptr<Work> work_;
  std::unique_ptr<Collate> collate_;
  std::unique_ptr<Work> write_;
};

}  // namespace fergraph
