#include <spdlog/spdlog.h>

#include <cstdio>
#include <mutex>
#include <set>

#include "cli/commands.hpp"
#include "graph/run.hpp"
#include "nodes/network/network.hpp"
#include "nodes/network/safetensors.hpp"
#include "report/metrics.hpp"
#include "report/progress.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

// Writes what the run records and shows how far it is.
class RunReporter : public RunObserver {
 public:
  RunReporter(MetricsLog& metrics, bool quiet) : metrics_(metrics), progress_(quiet) {}

  void recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) override {
    metrics_.record(section, clock, values);
    if (section != Section::step || !progress_.due()) return;
    std::string losses;
    for (const auto& [name, value] : metrics_.latest())
      if (name.starts_with("loss."))
        losses += fmt::format("{}{} {:.3f}", losses.empty() ? "" : "  ", name.substr(5), value);
    progress_.update(fmt::format("epoch {}/{}", clock.epoch, clock.epochs), clock.iteration, clock.epochs * clock.steps,
                     "steps", losses);
  }

  void epoch_done(const Clock& clock) override {
    metrics_.flush();
    std::string text = fmt::format("epoch {}/{}", clock.epoch, clock.epochs);
    for (const auto& [name, value] : metrics_.latest())
      if (name.starts_with("loss.")) text += fmt::format("  {} {:.4f}", name, value);
    for (const auto& [name, values] : metrics_.by_epoch())
      if (name.find("accuracy") != std::string::npos) text += fmt::format("  {} {:.2f} %", name, 100 * values.back());
    progress_.line(text);
  }

  void preprocessed(const StreamPlan& stream, const StreamProgress& now) override {
    const std::string voids = now.voids > 0 ? fmt::format("{} void", now.voids) : "";
    progress_.update(stream.name, now.samples, now.total, "samples", voids);
  }

  void void_sample(const VoidSample& sample) override {
    const std::lock_guard lock(mutex_);
    // A stream that cycles meets the same void in every pass; one line is enough.
    if (seen_.emplace(sample.stream, sample.sample).second) metrics_.record_void(sample);
  }

  void stalled(const std::string& text) override { progress_.line(text); }

 private:
  MetricsLog& metrics_;
  Progress progress_;
  std::mutex mutex_;
  std::set<std::pair<std::string, std::int64_t>> seen_;
};

std::int64_t state_bytes(Run& run) {
  std::int64_t bytes = 0;
  for (const StatePlan& plan : run.pipeline().states)
    for (const auto& [name, blob] : run.state(plan.name)->save()) bytes += static_cast<std::int64_t>(blob.bytes.size());
  return bytes;
}

void save_states(Run& run, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  for (const StatePlan& plan : run.pipeline().states) {
    const Blobs blobs = run.state(plan.name)->save();
    if (!blobs.empty()) write_safetensors(directory / (plan.name + ".safetensors"), blobs);
  }
}

std::vector<std::string> class_names(const Pipeline& pipeline) {
  const Tree* names = pipeline.params() ? pipeline.params()->find("class_names") : nullptr;
  return names && names->is_list() ? Codec<std::vector<std::string>>::parse(*names, nullptr)
                                   : std::vector<std::string>{};
}

void expect_space(std::int64_t needed, const std::filesystem::path& where, bool quiet) {
  const std::uintmax_t free = free_bytes(where);
  if (!quiet)
    std::fprintf(stderr, "Disk: needs about %s at '%s', %s are free.\n",
                 readable_bytes(static_cast<double>(needed)).c_str(), where.string().c_str(),
                 readable_bytes(static_cast<double>(free)).c_str());
  if (static_cast<std::uintmax_t>(needed) > free)
    throw RunError("The run needs about " + readable_bytes(static_cast<double>(needed)) + " of disk at '" +
                   where.string() + "', but only " + readable_bytes(static_cast<double>(free)) +
                   " are free. Free some, or choose another place.");
}

void print_results(const MetricsLog& metrics, const Pipeline& pipeline) {
  for (const auto& [name, values] : metrics.by_epoch()) {
    if (name.find("accuracy") == std::string::npos) continue;
    const AccuracySummary summary = summarise(values);
    std::printf("%s: best %.2f %%, last %.2f %%, mean of the last %zu epochs %.2f %%\n", name.c_str(),
                100 * summary.best, 100 * summary.last, std::min<std::size_t>(5, values.size()),
                100 * summary.mean_of_last_five);
  }
  if (const auto confusion = metrics.arrays().find("test.confusion"); confusion != metrics.arrays().end())
    std::printf("%s", confusion_text(confusion->second, class_names(pipeline)).c_str());
}

}  // namespace

int run_command(const RunCommand& command, const Registry& registry, std::stop_token stop) {
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  Pipeline pipeline = check_pipeline(load_document(command.load), registry);
  const bool trains = pipeline.trains();

  std::unique_ptr<Trace> trace;
  if (!command.trace.empty()) trace = std::make_unique<Trace>();
  // The run directory exists before the run is prepared, but is claimed only when nothing is wrong with the files.
  std::optional<MetricsLog> metrics;
  struct Late : RunObserver {
    RunObserver* to = nullptr;
    void recorded(Section s, const Clock& c, const std::vector<RecordedValue>& v) override { to->recorded(s, c, v); }
    void epoch_done(const Clock& c) override { to->epoch_done(c); }
    void preprocessed(const StreamPlan& s, const StreamProgress& p) override { to->preprocessed(s, p); }
    void void_sample(const VoidSample& v) override { to->void_sample(v); }
    void stalled(const std::string& t) override { to->stalled(t); }
  } observer;
  RunOptions options;
  options.seed = command.seed;
  options.threads = command.threads;
  options.lanes = command.lanes;
  options.device = command.device;
  options.stop = stop;
  options.trace = trace.get();
  options.observer = &observer;
  Run run(std::move(pipeline), options);
  if (!trains && run.up_to_date()) {
    std::printf("Everything is up to date; nothing to do.\n");
    return 0;
  }

  // Hours later would be late to learn that the trace has no place.
  if (trace) trace->write(command.trace);
  const RunDirectory directory(command.out, run.pipeline(), command.seed);
  // Weights, moments and the file that takes their place while it is written; metrics of some 300 bytes a step.
  const std::int64_t own =
      trains ? state_bytes(run) * 2 + run.pipeline().epochs * run.steps_per_epoch() * 300 : std::int64_t{1} << 20;
  expect_space(own, directory.path(), command.quiet);
  for (const DiskNeed& need : run.disk_needs()) expect_space(need.bytes, need.place, command.quiet);
  directory.write_provenance(run.pipeline(), {command.seed, run.threads(), command.lanes, command.device});
  metrics.emplace(directory.path());
  RunReporter reporter(*metrics, command.quiet);
  observer.to = &reporter;

  const auto finish = [&] {
    if (trains) save_states(run, directory.path() / "checkpoints" / "last");
    metrics->flush();
    if (trace) trace->write(command.trace);
  };
  try {
    if (trains)
      run.train();
    else
      run.preprocess();
  } catch (const Cancelled&) {
    finish();
    std::fprintf(stderr, "Interrupted; what was reached is in %s\n", directory.path().string().c_str());
    return 130;
  } catch (...) {
    metrics->flush();
    throw;
  }
  finish();

  if (trains) {
    print_results(*metrics, run.pipeline());
    const TimeShares& times = run.times();
    const double all = std::max(times.waiting_for_data + times.step + times.epoch_sections, 1e-9);
    std::printf("Time: %s; the step waited for data %.1f %%, computed %.1f %%, epoch sections %.1f %%\n",
                readable_seconds(elapsed()).c_str(), 100 * times.waiting_for_data / all, 100 * times.step / all,
                100 * times.epoch_sections / all);
  } else {
    for (std::size_t i = 0; i < run.pipeline().streams.size(); ++i)
      std::printf("%s: %lld samples, %lld void, %s (%.0f/s)\n", run.pipeline().streams[i].name.c_str(),
                  static_cast<long long>(run.stream_size(static_cast<int>(i))),
                  static_cast<long long>(metrics->voids()), readable_seconds(elapsed()).c_str(),
                  static_cast<double>(run.stream_size(static_cast<int>(i))) / elapsed());
  }
  if (metrics->voids() > 0) {
    std::printf("Voids (all in %s):\n", (directory.path() / "voids.csv").string().c_str());
    for (const auto& [reason, count] : metrics->void_reasons())
      std::printf("  %6lld  %s\n", static_cast<long long>(count), reason.c_str());
  }
  std::printf("Run directory: %s\n", directory.path().string().c_str());
  return 0;
}

}  // namespace fergraph
