// Spans of a run as Chrome trace JSON (chrome://tracing, Perfetto): what ran when, on which thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace fergraph {

/// Collects spans from any thread. Names must outlive the trace (they are the plan's).
class Trace {
 public:
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  using Clock = std::chrono::steady_clock;
  /// One span; `category` is "stream", "step" or "epoch"; `id` the sample's running position or the iteration.
  void span(std::string_view name, std::string_view category, Clock::time_point begin, Clock::time_point end,
            std::int64_t id);
  /// Writes the file under a temporary name and renames it. Throws std::runtime_error naming the path.
  void write(const std::filesystem::path& file) const;

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
  Clock::time_point start_ = Clock::now();
};

/// Records the time from its making to its end, where there is a trace.
class TraceSpan {
 public:
  TraceSpan(Trace* trace, std::string_view name, std::string_view category, std::int64_t id)
      : trace_(trace), name_(name), category_(category), id_(id) {
    if (trace_) begin_ = Trace::Clock::now();
  }
  ~TraceSpan() {
    if (trace_) trace_->span(name_, category_, begin_, Trace::Clock::now(), id_);
  }
  TraceSpan(const TraceSpan&) = delete;
  TraceSpan& operator=(const TraceSpan&) = delete;

 private:
  Trace* trace_;
  std::string_view name_;
  std::string_view category_;
  std::int64_t id_;
  Trace::Clock::time_point begin_;
};

}  // namespace fergraph
