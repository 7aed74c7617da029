// What metrics, logs and checkpoints cost a training run together: Ada-CM with resnet18 at 112 pixels (batches of 16
// and 16) with everything that `fergraph run --checkpoint-steps N` leaves, beside the same training that leaves
// nothing. The two take turns of N steps, in each of which the one writes a checkpoint, so that a machine whose speed
// changes slows both. Batches are made before, so that data costs nothing.
//
// Printed are the time of a step of each, the ratio of all their time, and the parts, each as a share of the steps:
// what the run waits for while it tells and copies, and the processors' time behind its back while files are written.
// The parts are measured apart, since their sum is below what the time of a step varies by on most machines.
//
//   bench_run_overhead [turns=3] [N=100] [pixels=112] [backbone=resnet18] [folder=/tmp]
#include <ATen/Parallel.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <mutex>
#include <numeric>
#include <optional>

#include "bench/made_feeds.hpp"
#include "bench/scratch_folder.hpp"
#include "graph/document.hpp"
#include "graph/run.hpp"
#include "nodes/register.hpp"
#include "report/metrics.hpp"
#include "report/run_checkpoint.hpp"
#include "report/run_reporter.hpp"

namespace {

using namespace fergraph;
using SteadyClock = std::chrono::steady_clock;

constexpr std::int64_t rows = 16;
constexpr std::int64_t warm_up = 3;

double since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

// Of all threads, or of the calling one.
double processor_seconds(clockid_t clock = CLOCK_PROCESS_CPUTIME_ID) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Two threads of which one has the turn.
class Turns {
 public:
  void wait_for(int side) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return turn_ == side || is_over_; });
  }
  void give_to(int side) {
    const std::lock_guard lock(mutex_);
    turn_ = side;
    changed_.notify_all();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int turn_ = 0;
  bool is_over_ = false;
};

// As `fergraph run` does with what a run tells.
class Everything : public RunObserver {
 public:
  Everything(const std::filesystem::path& folder, std::int64_t every)
      : metrics_(folder), reporter_(metrics_, /*quiet=*/false), checkpoints_(folder / "checkpoints", {every}) {}
  Run* run = nullptr;
  double telling = 0, copying = 0;  // seconds of the run
  double telling_work = 0;          // of its processor
  std::int64_t copies = 0;

  void recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) override {
    const auto begin = SteadyClock::now();
    const double work = processor_seconds(CLOCK_THREAD_CPUTIME_ID);
    reporter_.recorded(section, clock, values);
    telling_work += processor_seconds(CLOCK_THREAD_CPUTIME_ID) - work;
    telling += since(begin);
  }
  void step_done(const Clock&) override {
    const bool is_due = checkpoints_.is_due(*run);
    const auto begin = SteadyClock::now();
    if (is_due) metrics_.flush();
    checkpoints_.after_step(*run);
    if (is_due) copying += since(begin), ++copies;
  }
  void epoch_done(const Clock& clock) override { reporter_.epoch_done(clock); }

  // Processor time of one checkpoint from its copy to the end of its file, and its size.
  std::pair<double, double> cost_of_writing() {
    checkpoints_.finish();
    const double begin = processor_seconds();
    checkpoints_.after_epoch(*run, 1);
    checkpoints_.finish();
    const double seconds = processor_seconds() - begin;
    double bytes = 0;
    for (const auto& [state, blobs] : checkpoint_of(*run).states)
      for (const auto& [name, blob] : blobs) bytes += static_cast<double>(blob.bytes.size());
    return {seconds, bytes};
  }

 private:
  MetricsLog metrics_;
  RunReporter reporter_;
  CheckpointFolder checkpoints_;
};

struct Sizes {
  std::int64_t turns, every, pixels, steps;
  std::string backbone;
};

int measure(const Sizes& sizes, const std::filesystem::path& folder) {
  Registry registry;
  register_nodes(registry);
  LoadOptions load;
  load.file = FERGRAPH_SOURCE_DIR "/pipelines/methods/ada-cm.yaml";
  const std::int64_t steps = warm_up + sizes.turns * sizes.steps;
  load.settings = {"epochs=1", "steps=" + std::to_string(steps), "backbone=" + sizes.backbone,
                   "batch_labeled=" + std::to_string(rows), "batch_unlabeled=" + std::to_string(rows)};
  const Document document = load_document(load);
  const std::vector<bench::Pictures> pictures = bench::make_pictures(4, rows, sizes.pixels);

  std::filesystem::create_directories(folder / "run");
  Everything everything(folder / "run", sizes.steps);
  Turns turns;
  std::array<std::vector<double>, 2> times;  // of the steps, without and with everything
  std::vector<double> work;                  // of the processors in the steps without
  const auto train = [&](int side) {
    std::int64_t step = 0;
    SteadyClock::time_point begin;
    double work_begin = 0;
    const auto before = [&] {
      if (step > warm_up) times[static_cast<std::size_t>(side)].push_back(since(begin));
      if (step > warm_up && side == 0) work.push_back(processor_seconds() - work_begin);
      ++step;
      // The step of a checkpoint begins a turn: at its end the checkpoint is copied, and then written during the steps
      // of the same turn.
      if (step > 1 && step <= steps && (step <= warm_up || step % sizes.steps == 0)) {
        turns.give_to(1 - side);
        turns.wait_for(side);
      }
      begin = SteadyClock::now();
      work_begin = processor_seconds();
    };
    bench::MadeFeeds feeds(pictures, before);
    RunOptions options;
    options.feeds = &feeds;
    if (side == 1) options.observer = &everything;
    turns.wait_for(side);
    Run run(check_pipeline(document, registry), options);
    everything.run = side == 1 ? &run : everything.run;
    run.train();
    if (side == 0) turns.give_to(1);
    if (side == 0) return;
    turns.end();
    const auto [writing, bytes] = everything.cost_of_writing();
    const double without = median(times[0]), with = median(times[1]);
    const double all = std::accumulate(times[1].begin(), times[1].end(), 0.0);
    const double base = std::accumulate(times[0].begin(), times[0].end(), 0.0);
    const auto count = static_cast<double>(times[1].size());
    const double telling = everything.telling / static_cast<double>(step);
    const double copying = everything.copies > 0 ? everything.copying / static_cast<double>(everything.copies) : 0.0;
    const double of_step = 100 / without, of_work = 100 / median(work);
    const auto every = static_cast<double>(sizes.every);
    const double telling_work = everything.telling_work / static_cast<double>(step);
    std::printf("a step: %.0f ms without, %.0f ms with everything (medians of %zu); all their time: ratio %.4f\n",
                1e3 * without, 1e3 * with, times[1].size(),
                all / count / (base / static_cast<double>(times[0].size())));
    std::printf("telling (records, metrics.jsonl, event file, progress): %.3f ms a step, %.3f %%\n", 1e3 * telling,
                of_step * telling);
    std::printf(
        "checkpoints of %.0f MB, one every %lld steps: the run waits %.0f ms for each, %.3f %%; "
        "%.0f ms of processors for each\n",
        bytes / 1e6, static_cast<long long>(sizes.every), 1e3 * copying, of_step * copying / every, 1e3 * writing);
    std::printf(
        "metrics, logs and checkpoints together: the run waits %.2f %% of a step, the processors work %.2f %% "
        "(to be below 2 %%)\n",
        of_step * (telling + copying / every), of_work * (telling_work + writing / every));
  };
  const auto guarded = [&](int side) {
    try {
      train(side);
    } catch (...) {
      turns.end();  // the other one must not wait for ever
      throw;
    }
  };
  auto plain = std::async(std::launch::async, guarded, 0);
  auto full = std::async(std::launch::async, guarded, 1);
  plain.get();
  full.get();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, std::int64_t otherwise) { return argc > i ? std::atoll(argv[i]) : otherwise; };
  const Sizes sizes{number(1, 3), number(2, 100), number(3, 112), number(4, number(2, 100)),
                    argc > 5 ? argv[5] : "resnet18"};
  if (sizes.turns < 1 || sizes.every < 2 || sizes.steps < 2 || sizes.pixels < 32) {
    std::fprintf(stderr,
                 "usage: bench_run_overhead [turns=3] [N=100] [pixels=112] [steps of a turn=N] "
                 "[backbone=resnet18] [folder=/tmp]\n");
    return 2;
  }
  return bench::in_scratch_folder(argc > 6 ? argv[6] : "/tmp",
                                  [&](const std::filesystem::path& folder) { return measure(sizes, folder); });
}
