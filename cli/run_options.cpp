// The command line of `fergraph run`.
#include <cstdio>
#include <optional>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "cli/process_settings.hpp"
#include "cli/process_share.hpp"
#include "cli/run_command.hpp"
#include "report/provenance.hpp"

namespace fergraph {
namespace {

struct RunOptionsGiven {
  RunCommand command;
  int compute_threads = 0;
};

struct CheckpointOptions {
  CLI::Option* every_steps;
  CLI::Option* newest;
  CLI::Option* every_epochs;
  CLI::Option* best;
};

CheckpointOptions add_checkpoint_options(CLI::App& app, CheckpointRules& checkpoints) {
  return {
      app.add_option("--checkpoint-steps", checkpoints.every_steps,
                     "Write a checkpoint every so many steps too, not only after each epoch")
          ->check(CLI::PositiveNumber),
      app.add_option("--keep", checkpoints.newest, "How many of the newest checkpoints are kept")
          ->check(CLI::Range(1, 1000))
          ->capture_default_str(),
      app.add_option("--keep-every", checkpoints.every_epochs, "Keep the checkpoint of every so many epochs for good")
          ->check(CLI::PositiveNumber),
      app.add_option("--best", checkpoints.best,
                     "The record of the epoch's end whose largest value makes an epoch the best")
          ->type_name("RECORD")
          ->capture_default_str()};
}

// A run that goes on keeps to the rules that it began with, unless it is told otherwise.
void take_rules_before(const CheckpointOptions& given, const CheckpointRules& before, CheckpointRules& rules) {
  if (given.every_steps->count() == 0) rules.every_steps = before.every_steps;
  if (given.newest->count() == 0) rules.newest = before.newest;
  if (given.every_epochs->count() == 0) rules.every_epochs = before.every_epochs;
  if (given.best->count() == 0) rules.best = before.best;
}

std::string wrong_share(const std::string& text) {
  return parse_share(text) ? "" : "a share is INDEX/COUNT with 0 <= INDEX < COUNT, such as 1/4, and not " + text + ".";
}

// How the run was made that goes on, or whose resolved file is run again.
std::optional<RunIdentity> identity_before(const RunCommand& command) {
  if (!command.resume.empty()) return read_identity(command.resume / "provenance.json");
  const std::filesystem::path& file = command.load.file;
  if (file.filename() != "pipeline.yaml") return std::nullopt;
  try {
    return read_identity(file.parent_path() / "provenance.json");
  } catch (const RunError&) {
    // A file of that name that is no run's, or one of a run that cannot be told of any more.
    return std::nullopt;
  }
}

}  // namespace

void add_run_command(CLI::App& app, Actions& actions) {
  auto given = std::make_shared<RunOptionsGiven>();
  RunCommand& run = given->command;
  CLI::App* command =
      app.add_subcommand("run", "Run a pipeline file: train, or preprocess photographs into a face cache");
  add_load_options(*command, run.load);
  command->get_option("file")->required(false);
  CLI::Option* resume = command
                            ->add_option("--resume", run.resume,
                                         "Go on with an interrupted run, from its newest checkpoint, to the same end")
                            ->type_name("DIR");
  command->add_option("--out", run.out, "The run directory (default: runs/<pipeline>/<time>-<fingerprint>)")
      ->type_name("DIR");
  CLI::Option* seed = add_seed_option(*command, run.seed, "Seed of every draw: initial weights, order, views");
  add_threads_option(*command, run.threads);
  CLI::Option* compute_threads = add_compute_threads_option(*command, given->compute_threads);
  CLI::Option* lanes = add_lanes_option(*command, run.lanes);
  CLI::Option* device = add_device_option(*command, run.device);
  CLI::Option* shard =
      command
          ->add_option("--shard", run.shard,
                       "Preprocess a part: 1/4 is the second of four processes (default: what srun, mpirun or torchrun "
                       "say)")
          ->type_name("INDEX/COUNT")
          ->check(wrong_share);
  const CheckpointOptions checkpoints = add_checkpoint_options(*command, run.checkpoints);
  command->add_option("--trace", run.trace, "Write a Chrome trace (open in chrome://tracing or Perfetto)")
      ->type_name("FILE");
  CLI::Option* record =
      command
          ->add_option("--record", run.record,
                       "Write a parity pack of this run: its batches, weights and records, for `fergraph replay`")
          ->type_name("PACK.h5");
  command->add_flag_callback(
      "--no-report", [given] { given->command.report = false; },
      "Leave out report.html, which training makes at its end");
  command->add_flag_callback(
      "--no-predictions", [given] { given->command.predictions = false; },
      "Leave out predictions/, which training writes at its end: what the networks say of each face");
  add_quiet_option(*command, run.quiet);
  for (const char* fixed : {"file", "--data", "--set", "--out"}) resume->excludes(command->get_option(fixed));
  for (CLI::Option* fixed : {seed, shard, record}) resume->excludes(fixed);
  command->callback([given] {
    if (given->command.resume.empty() && given->command.load.file.empty()) throw CLI::RequiredError("file");
  });
  add_manual(
      *command,
      {.about =
           "A file with a step trains; one that has streams alone preprocesses. Values come from the file and what it "
           "uses, "
           "then from --data, then from --set: the later wins. The file is checked before anything is made. "
           "Preprocessing makes what is missing of the cache, so that a run that was cut short is simply run again.",
       .writes =
           "The run directory: pipeline.yaml (resolved, can be run again), provenance.json, metrics.jsonl, TensorBoard "
           "events, selections/, voids.csv, checkpoints/, timing.json and report.html. Preprocessing: the cache that "
           "the file "
           "names. Results go to "
           "standard output, progress and warnings to standard error.",
       .codes = {{0, "done, or nothing was left to do"},
                 {1, "failed; what was reached is kept"},
                 {130, "interrupted; a checkpoint was written, and --resume goes on"}},
       .examples = {
           "fergraph run pipelines/methods/baseline.yaml --data pipelines/data/demo.yaml",
           "fergraph run pipelines/methods/ada-cm.yaml --set lr=1e-3 --set epochs=5 --out runs/try",
           "fergraph run pipelines/faces/csv.yaml --set csv=faces.csv --set cache=faces.h5 --set size=64",
           "fergraph run pipelines/methods/fixmatch.yaml --set epochs=2 --set steps=5 --set dropout=0 --record "
           "fixmatch.h5",
           "fergraph run --resume runs/try", "fergraph run runs/try/pipeline.yaml --out runs/again",
           "mpirun -n 8 fergraph run pipelines/faces/csv.yaml --set csv=faces.csv --set cache=faces"}});
  actions.on(command, [given, seed, compute_threads, lanes, device, checkpoints](Surroundings& around) {
    RunCommand& asked = given->command;
    if (const auto was = identity_before(asked)) {
      // What decides the bits of the numbers is as it was, unless it is asked for otherwise.
      if (seed->count() == 0) asked.seed = was->seed;
      if (lanes->count() == 0) asked.lanes = was->lanes;
      if (device->count() == 0) asked.device = was->device;
      if (compute_threads->count() == 0) given->compute_threads = was->compute_threads;
      if (!asked.resume.empty()) take_rules_before(checkpoints, was->checkpoints, asked.checkpoints);
      if (asked.resume.empty() && !asked.quiet)
        std::fprintf(stderr, "Repeating %s: seed %llu, %d compute threads, lanes %d, %s.\n",
                     asked.load.file.parent_path().c_str(), static_cast<unsigned long long>(asked.seed),
                     given->compute_threads, asked.lanes, asked.device.c_str());
    }
    set_compute_threads(given->compute_threads);
    keep_freed_memory();
    return run_command(asked, around.registry(), around.stop());
  });
}

}  // namespace fergraph
