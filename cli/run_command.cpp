#include "cli/run_command.hpp"

#include <ATen/Parallel.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "cli/load_pipeline.hpp"
#include "cli/pack_recorder.hpp"
#include "cli/process_share.hpp"
#include "cli/run_results.hpp"
#include "cli/stale_caches.hpp"
#include "graph/run.hpp"
#include "nodes/network/safetensors.hpp"
#include "report/disk_space.hpp"
#include "report/html_report.hpp"
#include "report/metrics.hpp"
#include "report/model/model.hpp"
#include "report/predictions.hpp"
#include "report/results.hpp"
#include "report/run_directory.hpp"
#include "report/run_reporter.hpp"
#include "report/run_timing.hpp"
#include "report/selections.hpp"
#include "report/trained_faces.hpp"

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
  CheckpointFolder::remove_unfinished(command.resume / "checkpoints");
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

// What is done with all that a run tells: it is reported, recorded in a pack, and kept in checkpoints.
class RunEvents : public RunObserver {
 public:
  RunReporter* reporter = nullptr;
  PackRecorder* recorder = nullptr;  // may stay null
  MetricsLog* metrics = nullptr;
  std::optional<CheckpointFolder> checkpoints;  // of training
  std::optional<TimingFile> timing;
  Run* run = nullptr;

  void recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) override {
    reporter->recorded(section, clock, values);
    if (recorder) recorder->recorded(section, clock, values);
  }
  void step_done(const Clock&) override {
    if (checkpoints->is_due(*run)) metrics->flush();  // a checkpoint has no steps that the metrics lack
    checkpoints->after_step(*run);
  }
  void epoch_done(const Clock& clock) override {
    reporter->epoch_done(clock);
    const std::vector<double>* scores = metrics->epochs_of(checkpoints->rules().best);
    checkpoints->after_epoch(*run, scores ? std::optional(scores->back()) : std::nullopt);
    timing->write(*run);
  }
  void preprocessed(const StreamPlan& stream, const StreamProgress& now) override {
    reporter->preprocessed(stream, now);
  }
  void void_sample(const VoidSample& sample) override { reporter->void_sample(sample); }
  void stalled(const std::string& text) override { reporter->stalled(text); }
  void skipped(const std::string& text) override { reporter->skipped(text); }
};

// One call of the command. Nothing is claimed or written before all that can be wrong has been looked at.
class CommandedRun {
 public:
  CommandedRun(RunCommand command, const Registry& registry, std::stop_token stop)
      : command_(std::move(command)), registry_(registry), stop_(std::move(stop)) {}

  int go() {
    if (resumes()) {
      directory_.emplace(command_.resume);
      command_.load.file = command_.resume / "pipeline.yaml";
    }
    prepare();
    if (is_done()) return 0;
    begin();
    try {
      if (trains_)
        run_->train();
      else
        run_->preprocess();
    } catch (const Cancelled&) {
      return leave_interrupted();
    } catch (const std::exception& failure) {
      leave_failed(failure);
      throw;
    }
    leave();
    tell();
    return 0;
  }

 private:
  bool resumes() const { return !command_.resume.empty(); }

  Pipeline load() {
    Pipeline pipeline = load_pipeline(command_.load, registry_);
    trains_ = pipeline.trains();
    if (resumes() && !trains_)
      throw RunError("'" + command_.resume.string() +
                     "' is a run of preprocessing, which goes on by itself: run its pipeline file again.");
    if (!command_.record.empty() && !trains_)
      throw RunError("A pack is recorded of training, but '" + command_.load.file.string() +
                     "' only preprocesses. Run it without --record.");
    refuse_stale_caches(pipeline, registry_);
    // The resolved file of a run is that run, with the faces that it had.
    if (command_.load.file.filename() == "pipeline.yaml")
      refuse_changed_caches(command_.load.file.parent_path() / "provenance.json", pipeline);
    refuse_unknown_best(pipeline);
    return pipeline;
  }

  // The default need not be there.
  void refuse_unknown_best(const Pipeline& pipeline) const {
    const std::string& best = command_.checkpoints.best;
    if (!trains_ || best == CheckpointRules().best) return;
    std::vector<std::string> known;
    for (const RecordPlan& record : pipeline.records)
      if (std::any_of(record.sources.begin(), record.sources.end(),
                      [](const RecordSource& source) { return source.section == Section::epoch_end; }))
        known.push_back(record.name);
    if (std::find(known.begin(), known.end(), best) == known.end())
      throw PipelineError({command_.load.file.string(), 0, 0},
                          "--best names '" + best + "', which is no record of the epoch's end. There are " +
                              listed(known) + "." + did_you_mean(best, known));
  }

  void prepare() {
    Pipeline pipeline = load();
    RunOptions options;
    options.seed = command_.seed;
    options.threads = command_.threads;
    options.lanes = command_.lanes;
    options.device = command_.device;
    options.stop = stop_;
    options.observer = &events_;
    if (!command_.trace.empty()) trace_ = std::make_unique<Trace>();
    options.trace = trace_.get();
    if (!command_.record.empty()) options.tap = recorder_.emplace(command_.record).tap();
    if (pipeline.preprocesses()) {
      const GivenShare process = share_of_process(command_.shard);
      options.share = process.share;
      is_shared_ = process.share.count > 1;
      if (is_shared_)
        spdlog::info("This is process {} of {}, counted from 0 (as {} says).", process.share.index, process.share.count,
                     process.giver);
    }
    checkpoint_ = checkpoint_to_resume(command_);
    if (checkpoint_) options.start = checkpoint_->position;
    run_.emplace(std::move(pipeline), options);
    if (!checkpoint_) return;
    restore_states(*run_, *checkpoint_);
    refuse_other_steps();
  }

  // Of a pipeline.yaml that was edited since: the clock of the steps that were made would be another.
  void refuse_other_steps() {
    const RunPosition& at = checkpoint_->position;
    if (at.epoch == 1 || checkpoint_->iteration == (at.epoch - 1) * run_->steps_per_epoch() + at.step) return;
    throw RunError("The run '" + command_.resume.string() + "' made " +
                   std::to_string((checkpoint_->iteration - at.step) / (at.epoch - 1)) +
                   " steps in each epoch, but its pipeline.yaml now gives " + std::to_string(run_->steps_per_epoch()) +
                   ". Give it back its steps, or begin a new run.");
  }

  // Whether nothing is left to do, which is told.
  bool is_done() {
    if (checkpoint_ && checkpoint_->position.epoch > run_->pipeline().epochs) {
      // The process may have died before it wrote them.
      save_states(*run_, command_.resume / "checkpoints" / "last");
      std::printf("The run '%s' is complete; nothing is left to train.\n", command_.resume.c_str());
      const bool has_report = std::filesystem::exists(command_.resume / "report.html");
      if (command_.predictions && !(has_report && std::filesystem::exists(command_.resume / "predictions"))) predict();
      if (!has_report) report();
      return true;
    }
    if (trains_ || !run_->up_to_date()) return false;
    std::printf("%s is up to date; nothing to do.\n", is_shared_ ? "The share of this process" : "Everything");
    return true;
  }

  std::vector<DiskNeed> disk_needs() {
    // Weights, moments and the file that takes their place while it is written; metrics of some 300 bytes a step.
    const std::int64_t epochs = run_->pipeline().epochs;
    const std::int64_t own = trains_ ? state_bytes(*run_) * checkpoints_at_once(command_.checkpoints, epochs) +
                                           epochs * run_->steps_per_epoch() * 300
                                     : std::int64_t{1} << 20;
    const std::filesystem::path place = resumes() ? command_.resume : command_.out.empty() ? "runs" : command_.out;
    std::vector<DiskNeed> needs = {{place, own}};
    for (const DiskNeed& need : run_->disk_needs()) needs.push_back(need);
    return needs;
  }

  // Claims the run directory and writes what is known before the first step.
  void begin() {
    if (recorder_) {
      recorder_->begin(*run_, command_.seed);
      events_.recorder = &*recorder_;
    }
    // Hours later would be late to learn that the trace has no place.
    if (trace_) trace_->write(command_.trace);
    expect_space(disk_needs(), command_.quiet);
    if (!directory_) directory_.emplace(command_.out, run_->pipeline(), command_.seed);
    const RunIdentity identity{command_.seed,  run_->threads(), at::get_num_threads(),
                               command_.lanes, command_.device, command_.checkpoints};
    tell_differences(command_.load.file, run_->pipeline(), identity);
    if (checkpoint_) {
      if (!is_provenance_of(directory_->path() / "provenance.json", run_->pipeline()))
        spdlog::warn("'{}' is not as the run began with it. The run goes on as it says now.",
                     (directory_->path() / "pipeline.yaml").string());
      directory_->write_provenance(run_->pipeline(), identity, checkpoint_->iteration);
      metrics_.emplace(directory_->path(), checkpoint_->position, checkpoint_->iteration);
      if (!run_->pipeline().records.empty() && metrics_->lacks_epochs(checkpoint_->position.epoch - 1))
        spdlog::warn(
            "'{}' does not tell of all epochs that have ended. The best and the means are of those it tells of.",
            (directory_->path() / "metrics.jsonl").string());
      if (!command_.quiet)
        std::fprintf(stderr, "Going on after step %lld of %lld.\n", static_cast<long long>(checkpoint_->iteration),
                     static_cast<long long>(run_->pipeline().epochs * run_->steps_per_epoch()));
    } else {
      directory_->write_provenance(run_->pipeline(), identity);
      write_selections(run_->pipeline(), directory_->path());
      if (trains_) write_preprocessing(run_->pipeline(), directory_->path());
      metrics_.emplace(directory_->path());
    }
    classes_ = trained_faces(directory_->path(), run_->pipeline()).classes;
    metrics_->name_classes(classes_);
    reporter_.emplace(*metrics_, command_.quiet);
    events_.reporter = &*reporter_;
    events_.metrics = &*metrics_;
    events_.run = &*run_;
    events_.timing.emplace(directory_->path(), resumes(), started_);
    if (!trains_) return;
    events_.checkpoints.emplace(directory_->path() / "checkpoints", command_.checkpoints,
                                metrics_->best_of(command_.checkpoints.best));
    if (checkpoint_) events_.checkpoints->go_on_from(checkpoint_->iteration, best_iteration());
  }

  // Of the best epoch so far; nothing where the metrics do not tell of each.
  std::optional<std::int64_t> best_iteration() {
    const std::vector<double>* scores = metrics_->epochs_of(command_.checkpoints.best);
    const std::optional<double> best = metrics_->best_of(command_.checkpoints.best);
    if (!scores || !best || static_cast<std::int64_t>(scores->size()) != checkpoint_->position.epoch - 1) return {};
    return (std::find(scores->begin(), scores->end(), *best) - scores->begin() + 1) * run_->steps_per_epoch();
  }

  void write_what_was_reached() {
    Leavings leavings;
    leavings.write([&] { metrics_->flush(); });
    leavings.write([&] {
      if (events_.checkpoints) events_.checkpoints->finish();
    });
    leavings.write([&] {
      if (trains_) save_states(*run_, directory_->path() / "checkpoints" / "last");
    });
    leavings.write([&] { events_.timing->write(*run_); });
    leavings.write([&] {
      if (trace_) trace_->write(command_.trace);
    });
    leavings.rethrow();
  }

  int leave_interrupted() {
    write_what_was_reached();
    if (events_.checkpoints) events_.checkpoints->after_interruption(*run_);
    const std::string path = directory_->path().string();
    std::fprintf(stderr, "Interrupted; what was reached is in %s\n", path.c_str());
    if (trains_ && CheckpointFolder::has_any(directory_->path() / "checkpoints"))
      std::fprintf(stderr, "To go on: fergraph run --resume %s\n", path.c_str());
    else if (trains_)
      std::fprintf(stderr, "No step was made yet. To begin again: fergraph run %s/pipeline.yaml\n", path.c_str());
    return 130;
  }

  // Hours of training may lie behind: what is there is kept, and the failure itself is told last.
  void leave_failed(const std::exception& failure) {
    try {
      write_what_was_reached();
      std::fprintf(stderr, "The run failed; what it reached is in %s\n", directory_->path().string().c_str());
    } catch (const std::exception& other) {
      if (std::string(other.what()) != failure.what())
        std::fprintf(stderr, "The run failed, and not all that it reached could be written: %s\n", other.what());
    }
  }

  void leave() {
    write_what_was_reached();
    if (trains_ && command_.predictions) predict();
    if (recorder_) recorder_->finish(*run_);
  }

  // A run is worth more than its report, so a failure is only told.
  void report() {
    if (!trains_ || !command_.report) return;
    const std::filesystem::path file = directory_->path() / "report.html";
    try {
      for (const std::string& problem : write_report(directory_->path(), file, registry_))
        spdlog::warn("The report: {}", problem);
      std::printf("Report: %s\n", file.c_str());
    } catch (const std::exception& error) {
      spdlog::warn("The report could not be made: {} Try again: fergraph report {}", error.what(),
                   directory_->path().string());
    }
  }

  // The run is whole without them.
  void predict() {
    // Sources that are prepared again would tell again what they are made of.
    const spdlog::level::level_enum level = spdlog::get_level();
    spdlog::set_level(spdlog::level::err);
    std::string failure;
    try {
      leave_predictions(*run_, directory_->path(), registry_, {command_.threads, command_.device, stop_});
    } catch (const Cancelled&) {
      failure = "Interrupted.";
    } catch (const std::exception& error) {
      failure = error.what();
    }
    spdlog::set_level(level);
    if (!failure.empty()) std::fprintf(stderr, "warning: The predictions are not written: %s\n", failure.c_str());
  }

  void tell() {
    if (trains_)
      print_training(*run_, *metrics_, classes_, std::chrono::duration<double>(SteadyClock::now() - started_).count());
    else
      print_preprocessing(*run_, *reporter_);
    print_voids(*metrics_, directory_->path());
    if (recorder_)
      // The shipped file would do where the run differs from it in plain numbers and words alone.
      std::printf("Recorded. To compare with it: fergraph replay %s --pipeline %s\n", command_.record.c_str(),
                  (directory_->path() / "pipeline.yaml").c_str());
    report();
    std::printf("Run directory: %s\n", directory_->path().string().c_str());
  }

  using SteadyClock = std::chrono::steady_clock;
  RunCommand command_;
  const Registry& registry_;
  std::stop_token stop_;
  SteadyClock::time_point started_ = SteadyClock::now();
  bool trains_ = false;
  bool is_shared_ = false;  // with other processes
  std::vector<std::string> classes_;
  std::optional<RunDirectory> directory_;
  std::optional<RunCheckpoint> checkpoint_;
  // What the run speaks to outlives it: streams may still have something to tell while they end.
  std::unique_ptr<Trace> trace_;
  std::optional<PackRecorder> recorder_;
  std::optional<MetricsLog> metrics_;
  std::optional<RunReporter> reporter_;
  RunEvents events_;
  std::optional<Run> run_;
};

}  // namespace

int run_command(const RunCommand& command, const Registry& registry, std::stop_token stop) {
  return CommandedRun(command, registry, std::move(stop)).go();
}

}  // namespace fergraph
