// How often each node was called and how long its calls took: always counted, for two looks at the clock per call.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace fergraph {

/// What one node of a run has cost.
struct NodeTime {
  std::string node;  // qualified: "step.guess"
  std::string kind;  // "confidence"
  std::int64_t calls = 0;
  double seconds = 0;  // summed over its calls, which may have run at once
};

/// The sum of one node's calls; any thread may add. A cache line of its own keeps the threads of a stream apart.
class alignas(64) CallTimes {
 public:
  using Clock = std::chrono::steady_clock;

  void add(Clock::duration time) {
    calls_.fetch_add(1, std::memory_order_relaxed);
    nanoseconds_.fetch_add(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count(),
                           std::memory_order_relaxed);
  }
  std::int64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  double seconds() const { return 1e-9 * static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)); }

 private:
  std::atomic<std::int64_t> calls_{0};
  std::atomic<std::int64_t> nanoseconds_{0};
};

/// One call, from its making to its end.
class TimedCall {
 public:
  explicit TimedCall(CallTimes& times) : times_(times) {}
  ~TimedCall() { times_.add(CallTimes::Clock::now() - begin_); }
  TimedCall(const TimedCall&) = delete;
  TimedCall& operator=(const TimedCall&) = delete;

 private:
  CallTimes& times_;
  CallTimes::Clock::time_point begin_ = CallTimes::Clock::now();
};

}  // namespace fergraph
