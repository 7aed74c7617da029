#include <ATen/Parallel.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>

#include "cli/commands.hpp"
#include "cli/load_pipeline.hpp"
#include "cli/pack_recorder.hpp"
#include "cli/process_share.hpp"
#include "cli/stale_caches.hpp"
#include "graph/run.hpp"
#include "nodes/network/network.hpp"
#include "nodes/network/safetensors.hpp"
#include "report/disk_space.hpp"
#include "report/metrics.hpp"
#include "report/run_checkpoint.hpp"
#include "report/run_directory.hpp"
#include "report/run_reporter.hpp"
#include "report/selections.hpp"

namespace fergraph {
namespace {

std::int64_t state_bytes(Run& run) {
  std::int64_t bytes = 0;
  for (const StatePlan& plan : run.pipeline().states)
    for (const auto& [name, blob] : run.state(plan.name)->save()) bytes += static_cast<std::int64_t>(blob.bytes.size());
  return bytes;
}

// The files of checkpoints that are there at the same time, with the one that is being written, the best and the last.
std::int64_t checkpoints_at_once(const CheckpointRules& rules, std::int64_t epochs) {
  return rules.newest + 3 + (rules.every_epochs > 0 ? epochs / rules.every_epochs : 0);
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

void expect_space(const std::vector<DiskNeed>& needs, bool quiet) {
  for (const DiskDemand& demand : by_file_system(needs)) {
    std::vector<std::string> places;
    for (const std::filesystem::path& place : demand.places) places.push_back(place.string());
    if (!quiet)
      std::fprintf(stderr, "Disk: needs about %s at %s, %s are free.\n",
                   readable_bytes(static_cast<double>(demand.bytes)).c_str(), listed(places).c_str(),
                   readable_bytes(static_cast<double>(demand.free)).c_str());
    expect_space(demand);
  }
}

// The newest checkpoint of a run that is to go on, or nothing where the run is to begin.
std::optional<RunCheckpoint> checkpoint_to_resume(const RunCommand& command) {
  if (command.resume.empty()) return std::nullopt;
  std::optional<RunCheckpoint> checkpoint = CheckpointFolder::newest(
      command.resume / "checkpoints",
      [](const std::string& damaged) { spdlog::warn("{} The one before it is used.", damaged); });
  if (!checkpoint)
    throw RunError("The run '" + command.resume.string() +
                   "' has no checkpoint that is whole. Begin it anew: fergraph run " +
                   (command.resume / "pipeline.yaml").string() + ".");
  return checkpoint;
}

// A resolved file that is run again gives the same numbers only where all of this is the same.
void tell_differences(const std::filesystem::path& file, const Pipeline& pipeline, const RunIdentity& identity) {
  if (file.filename() != "pipeline.yaml") return;
  const std::filesystem::path provenance = file.parent_path() / "provenance.json";
  const std::vector<std::string> lines = provenance_differences(provenance, pipeline, identity);
  if (lines.empty()) return;
  std::fprintf(stderr, "warning: This run is not quite that of '%s', so its numbers may differ:\n",
               provenance.string().c_str());
  for (const std::string& line : lines) std::fprintf(stderr, "  %s\n", line.c_str());
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

void print_streams(const Run& run, const RunReporter& reporter) {
  for (std::size_t i = 0; i < run.pipeline().streams.size(); ++i) {
    const StreamPlan& stream = run.pipeline().streams[i];
    if (!stream.has_sink()) continue;
    const std::optional<StreamOutcome> outcome = reporter.outcome(stream.name);
    if (!outcome) {
      std::printf("%s: up to date\n", stream.name.c_str());
      continue;
    }
    const std::int64_t all = run.stream_size(static_cast<int>(i));
    const std::string of = outcome->samples < all ? " of " + std::to_string(all) : "";
    std::printf("%s: %lld%s samples, %lld void, %s (%.0f/s)\n", stream.name.c_str(),
                static_cast<long long>(outcome->samples), of.c_str(), static_cast<long long>(outcome->voids),
                readable_seconds(outcome->seconds).c_str(),
                static_cast<double>(outcome->samples) / std::max(outcome->seconds, 1e-9));
  }
}

// Everything that a run leaves, in the order of its worth. A failure of one part does not keep the others from being
// written; the first is thrown in the end.
class Leavings {
 public:
  template <class Write>
  void write(Write&& part) {
    try {
      part();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::exception_ptr failure_;
};

}  // namespace

int run_command(const RunCommand& given, const Registry& registry, std::stop_token stop) {
  RunCommand command = given;
  const bool resumes = !command.resume.empty();
  std::optional<RunDirectory> directory;
  if (resumes) {
    directory.emplace(command.resume);
    command.load.file = command.resume / "pipeline.yaml";
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  Pipeline pipeline = load_pipeline(command.load, registry);
  const bool trains = pipeline.trains();
  if (resumes && !trains)
    throw RunError("'" + command.resume.string() +
                   "' is a run of preprocessing, which goes on by itself: run its pipeline file again.");
  refuse_stale_caches(pipeline, registry);
  // The resolved file of a run is that run, with the faces that it had.
  if (command.load.file.filename() == "pipeline.yaml")
    refuse_changed_caches(command.load.file.parent_path() / "provenance.json", pipeline);

  std::unique_ptr<Trace> trace;
  if (!command.trace.empty()) trace = std::make_unique<Trace>();
  // The run directory exists before the run is prepared, but is claimed only when nothing is wrong with the files.
  std::optional<MetricsLog> metrics;
  std::optional<PackRecorder> recorder;
  if (!command.record.empty()) {
    if (!trains)
      throw RunError("A pack is recorded of training, but '" + command.load.file.string() +
                     "' only preprocesses. Run it without --record.");
    recorder.emplace(command.record);
  }
  struct Late : RunObserver {
    RunObserver* to = nullptr;
    PackRecorder* recorder = nullptr;
    void recorded(Section s, const Clock& c, const std::vector<RecordedValue>& v) override {
      to->recorded(s, c, v);
      if (recorder) recorder->recorded(s, c, v);
    }
    std::function<void()> after_step, after_epoch;
    void step_done(const Clock&) override { after_step(); }
    void epoch_done(const Clock& c) override {
      to->epoch_done(c);
      after_epoch();
    }
    void preprocessed(const StreamPlan& s, const StreamProgress& p) override { to->preprocessed(s, p); }
    void void_sample(const VoidSample& v) override { to->void_sample(v); }
    void stalled(const std::string& t) override { to->stalled(t); }
    void skipped(const std::string& t) override { to->skipped(t); }
  } observer;
  RunOptions options;
  options.seed = command.seed;
  options.threads = command.threads;
  options.lanes = command.lanes;
  options.device = command.device;
  options.stop = stop;
  options.trace = trace.get();
  options.observer = &observer;
  if (recorder) options.tap = recorder->tap();
  if (pipeline.preprocesses()) {
    const GivenShare process = share_of_process(command.shard);
    options.share = process.share;
    if (process.share.count > 1)
      spdlog::info("This is process {} of {}, counted from 0 (as {} says).", process.share.index, process.share.count,
                   process.giver);
  }
  const std::optional<RunCheckpoint> checkpoint = checkpoint_to_resume(command);
  if (checkpoint) options.start = checkpoint->position;
  Run run(std::move(pipeline), options);
  if (checkpoint) restore_states(run, *checkpoint);
  if (checkpoint && checkpoint->position.epoch > run.pipeline().epochs) {
    // The process may have died before it wrote them.
    save_states(run, command.resume / "checkpoints" / "last");
    std::printf("The run '%s' is complete; nothing is left to train.\n", command.resume.c_str());
    return 0;
  }
  if (!trains && run.up_to_date()) {
    std::printf("%s is up to date; nothing to do.\n",
                options.share.count > 1 ? "The share of this process" : "Everything");
    return 0;
  }

  if (recorder) {
    recorder->begin(run, command.seed);
    observer.recorder = &*recorder;
  }
  // Hours later would be late to learn that the trace has no place.
  if (trace) trace->write(command.trace);
  // Weights, moments and the file that takes their place while it is written; metrics of some 300 bytes a step.
  const std::int64_t own = trains ? state_bytes(run) * checkpoints_at_once(command.checkpoints, run.pipeline().epochs) +
                                        run.pipeline().epochs * run.steps_per_epoch() * 300
                                  : std::int64_t{1} << 20;
  const std::filesystem::path place = resumes ? command.resume : command.out.empty() ? "runs" : command.out;
  std::vector<DiskNeed> needs = {{place, own}};
  for (const DiskNeed& need : run.disk_needs()) needs.push_back(need);
  expect_space(needs, command.quiet);
  if (!directory) directory.emplace(command.out, run.pipeline(), command.seed);
  const RunIdentity identity{command.seed, run.threads(), at::get_num_threads(), command.lanes, command.device};
  tell_differences(command.load.file, run.pipeline(), identity);
  if (checkpoint) {
    directory->write_provenance(run.pipeline(), identity, checkpoint->iteration);
    metrics.emplace(directory->path(), checkpoint->position, checkpoint->iteration);
    if (!command.quiet)
      std::fprintf(stderr, "Going on after step %lld of %lld.\n", static_cast<long long>(checkpoint->iteration),
                   static_cast<long long>(run.pipeline().epochs * run.steps_per_epoch()));
  } else {
    directory->write_provenance(run.pipeline(), identity);
    write_selections(run.pipeline(), directory->path());
    metrics.emplace(directory->path());
  }
  RunReporter reporter(*metrics, command.quiet);
  observer.to = &reporter;

  std::optional<CheckpointFolder> checkpoints;
  const auto score = [&]() -> std::optional<double> {
    const auto found = metrics->by_epoch().find(command.checkpoints.best);
    if (found == metrics->by_epoch().end() || found->second.empty()) return std::nullopt;
    return *std::max_element(found->second.begin(), found->second.end());
  };
  if (trains) checkpoints.emplace(directory->path() / "checkpoints", command.checkpoints, score());
  observer.after_step = [&] {
    if (checkpoints->is_due(run)) metrics->flush();  // a checkpoint has no steps that the metrics lack
    checkpoints->after_step(run);
  };
  observer.after_epoch = [&] {
    const auto found = metrics->by_epoch().find(command.checkpoints.best);
    checkpoints->after_epoch(
        run, found == metrics->by_epoch().end() ? std::nullopt : std::optional<double>(found->second.back()));
  };

  const auto finish = [&] {
    Leavings leavings;
    leavings.write([&] { metrics->flush(); });
    leavings.write([&] {
      if (trains) save_states(run, directory->path() / "checkpoints" / "last");
    });
    leavings.write([&] {
      if (trace) trace->write(command.trace);
    });
    leavings.rethrow();
  };
  try {
    if (trains)
      run.train();
    else
      run.preprocess();
  } catch (const Cancelled&) {
    finish();
    if (checkpoints) checkpoints->after_interruption(run);
    std::fprintf(stderr, "Interrupted; what was reached is in %s\n", directory->path().string().c_str());
    if (trains) std::fprintf(stderr, "To go on: fergraph run --resume %s\n", directory->path().string().c_str());
    return 130;
  } catch (const std::exception& failure) {
    // Hours of training may lie behind: what is there is kept, and the failure itself is told last.
    try {
      finish();
      std::fprintf(stderr, "The run failed; what it reached is in %s\n", directory->path().string().c_str());
    } catch (const std::exception& other) {
      if (std::string(other.what()) != failure.what())
        std::fprintf(stderr, "The run failed, and not all that it reached could be written: %s\n", other.what());
    }
    throw;
  }
  finish();
  if (recorder) recorder->finish(run);

  if (trains) {
    print_results(*metrics, run.pipeline());
    if (run.skipped() > 0)
      std::printf("Steps of optimizers skipped, because their numbers were not finite: %lld\n",
                  static_cast<long long>(run.skipped()));
    const TimeShares& times = run.times();
    const double all = std::max(times.waiting_for_data + times.step + times.epoch_sections, 1e-9);
    std::printf("Time: %s; the step waited for data %.1f %%, computed %.1f %%, epoch sections %.1f %%\n",
                readable_seconds(elapsed()).c_str(), 100 * times.waiting_for_data / all, 100 * times.step / all,
                100 * times.epoch_sections / all);
  } else {
    print_streams(run, reporter);
  }
  if (metrics->voids() > 0) {
    std::printf("Voids (all in %s):\n", (directory->path() / "voids.csv").string().c_str());
    for (const auto& [reason, count] : metrics->void_reasons())
      std::printf("  %6lld  %s\n", static_cast<long long>(count), reason.c_str());
  }
  if (recorder)
    // The shipped file would do where the run differs from it in plain numbers and words alone.
    std::printf("Recorded. To compare with it: fergraph replay %s --pipeline %s\n", command.record.c_str(),
                (directory->path() / "pipeline.yaml").c_str());
  std::printf("Run directory: %s\n", directory->path().string().c_str());
  return 0;
}

}  // namespace fergraph
