// `fergraph sweep`: the runs that a table needs, and the table.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/process_share.hpp"
#include "cli/sweep_folder.hpp"
#include "cli/sweep_jobs.hpp"
#include "cli/sweep_plan.hpp"
#include "cli/sweep_results.hpp"
#include "report/provenance.hpp"
#include "report/text_table.hpp"

namespace fergraph {
namespace {

struct SweepCommand {
  std::filesystem::path file;
  std::vector<std::string> settings;
  std::filesystem::path out = "runs/sweeps";
  std::vector<std::string> only;
  std::vector<std::uint64_t> seeds;
  std::optional<Pick> pick;
  int jobs = 1;
  std::vector<std::string> devices;
  std::vector<std::string> run_options;
  bool dry_run = false;
  bool table_only = false;
  bool quiet = false;
};

// Options of `fergraph run` that would make another run of it than its directory and the table take it for.
struct RefusedOption {
  const char* name;
  const char* remedy;
};
constexpr RefusedOption refused_options[] = {
    {"--set", "Say --set before the --, or use 'set' in the sweep file."},
    {"--data", "Use 'data' in the sweep file."},
    {"--seed", "Say --seeds before the --, or use 'seeds' in the sweep file."},
    {"--out", "Say --out before the --; the directories of the runs lie below it."},
    {"--resume", "Leave it out: what was interrupted goes on by itself."},
    {"--record", "Record a run by itself: fergraph run RUN/pipeline.yaml --record PACK.h5."},
    {"--shard", "Leave it out: processes that srun, mpirun or torchrun start share the runs."}};

void refuse_what_defines_runs(const std::vector<std::string>& run_options) {
  std::vector<Problem> problems;
  for (const std::string& word : run_options)
    for (const auto& [name, remedy] : refused_options)
      if (word == name || word.starts_with(std::string(name) + "="))
        problems.push_back({{"-- " + word, 0, 0},
                            std::string(name) +
                                " cannot stand behind --: what a run is, the sweep itself says, so that its table "
                                "is true. " +
                                remedy});
  if (!problems.empty()) throw PipelineError(problems);
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::vector<std::string> row_names(const SweepPlan& plan) {
  std::vector<std::string> names;
  for (const SweepHeading& row : plan.sweep.rows) names.push_back(row.names.back());
  return names;
}

// The runs that --only means. Throws where none is.
std::vector<std::size_t> wanted_runs(const SweepPlan& plan, const std::vector<std::string>& only) {
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < plan.runs.size(); ++i)
    if (is_meant(plan, plan.runs[i], only)) wanted.push_back(i);
  if (!wanted.empty() || plan.runs.empty()) return wanted;
  const std::vector<std::string> rows = row_names(plan);
  throw PipelineError({"--only " + only.front(), 0, 0}, "No run of the sweep is called so. Runs are called as '" +
                                                            plan.runs.front().title +
                                                            "'; * stands for any text. Its rows are " + listed(rows) +
                                                            "." + did_you_mean(only.front(), rows));
}

void list_runs(const SweepPlan& plan, const std::vector<std::size_t>& wanted) {
  TextTable table;
  std::map<std::string, std::size_t> states;
  for (const std::size_t index : wanted) {
    const SweepRun& run = plan.runs[index];
    std::string state = state_name(state_of(run.directory));
    if (state == "finished" && !is_evaluated(run)) state = "to be evaluated";
    ++states[state];
    std::string name = run.title;
    if (run.cells.size() > 1) name += " (and " + counted(run.cells.size() - 1, "other cell") + ")";
    // The first column is set to the left, the others to the right: a line of its own is easier to read.
    table.row({state + "  " + run.directory.string() + "  " + name});
  }
  std::printf("%s", table.text().c_str());
  std::size_t cells = 0;
  for (const SweepCell& cell : plan.sweep.cells) cells += cell.is_run() ? 1 : 0;
  std::string text;
  for (const auto& [state, count] : states) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + state;
  std::printf("%s: %s, %s%s%s\n", plan.sweep.name.c_str(), counted(cells, "cell").c_str(),
              counted(wanted.size(), "run").c_str(), text.empty() ? "" : ": ", text.c_str());
}

// Finished runs whose faces have been made anew since: they are kept, and it is said.
void warn_of_changed_faces(const SweepPlan& plan, const Registry& registry) {
  std::set<std::string> told;
  for (const SweepRun& run : plan.runs) {
    if (left_state(run.directory) != RunState::finished) continue;
    Pipeline pipeline;
    try {
      pipeline = check_pipeline(load_document({run.directory / "pipeline.yaml", {}, {}}), registry);
    } catch (const PipelineError&) {
      continue;  // of an older program; its numbers are no worse for it
    }
    for (const CacheChange& change : cache_changes(run.directory / "provenance.json", pipeline))
      if (told.insert(change.cache + change.was).second)
        spdlog::warn(
            "The cache '{}' is no longer what finished runs of this sweep had, such as {}. They are kept; to "
            "have them made anew, remove their directories.",
            change.cache, run.directory.string());
  }
}

int processes_on_this_machine() {
  for (const char* name : {"OMPI_COMM_WORLD_LOCAL_SIZE", "LOCAL_WORLD_SIZE", "SLURM_NTASKS_PER_NODE"})
    if (const char* text = std::getenv(name)) return std::max(1, std::atoi(text));
  return 1;
}

void tell_failures(const SweepPlan& plan, const std::vector<SweepFailure>& failures) {
  if (failures.empty()) return;
  std::fprintf(stderr, "%s failed; the same command tries again:\n", counted(failures.size(), "run").c_str());
  for (const SweepFailure& each : failures)
    std::fprintf(stderr, "  %s (%s): %s\n    %s\n", plan.runs[each.run].title.c_str(), each.cause.c_str(),
                 each.log.c_str(), each.last_line.c_str());
}

int sweep(const SweepCommand& command, const Registry& registry, std::stop_token stop) {
  refuse_what_defines_runs(command.run_options);
  Sweep table_of = read_sweep(command.file, command.settings);
  for (SweepCell& cell : table_of.cells)
    if (command.pick) cell.part.pick = command.pick;
  const std::filesystem::path& folder = command.out;
  const SweepPlan plan = plan_sweep(std::move(table_of), registry, folder / "runs", command.seeds);
  const std::vector<std::size_t> wanted = wanted_runs(plan, command.only);
  if (!command.quiet)
    for (const std::string& sentence : changed_definitions(plan, folder)) spdlog::info("{}", sentence);
  if (command.dry_run) {
    list_runs(plan, wanted);
    return 0;
  }
  warn_of_changed_faces(plan, registry);

  SweepOutcome outcome;
  if (!command.table_only) {
    const GivenShare process =
        share_of_process("", "Unset them, and this process runs all that is missing; or have a launcher set them.");
    SweepJobsOptions options;
    options.jobs = command.jobs;
    options.devices = command.devices;
    options.run_options = command.run_options;
    options.share = process.share;
    options.processes_here = process.share.count > 1 ? processes_on_this_machine() : 1;
    options.quiet = command.quiet;
    if (process.share.count > 1 && !command.quiet)
      spdlog::info("This is process {} of {}, counted from 0 (as {} says).", process.share.index, process.share.count,
                   process.giver);
    outcome = run_jobs(plan, wanted, options, stop);
  }
  const ResultTable table = write_results(plan, folder);
  if (!outcome.elsewhere.empty()) {
    std::printf("%s of the sweep %s with other processes; the last of them prints the table.\n",
                counted(outcome.elsewhere.size(), "run").c_str(), outcome.elsewhere.size() == 1 ? "is" : "are");
  } else {
    std::printf("%s\n", markdown_of(table).c_str());
    std::printf("Table: %s.md, .csv, .tex\n", (folder / plan.sweep.name).c_str());
  }
  tell_failures(plan, outcome.failures);
  if (outcome.interrupted) {
    std::size_t finished = 0;
    for (const std::size_t each : wanted)
      if (left_state(plan.runs[each].directory) == RunState::finished) ++finished;
    std::fprintf(stderr, "Interrupted; %zu of %zu runs are finished. The same command goes on.\n", finished,
                 wanted.size());
    return 130;
  }
  return outcome.failures.empty() ? 0 : 1;
}

const char* const sweep_help =
    R"(A sweep file gives the rows and columns of a table; each cell is a pipeline file with data files and settings, run
once per seed. What is finished is kept; what was interrupted goes on; what two tables have in common is run once.

  version: 1
  sweep: few-labels                       # names the files of the table
  doc: Methods on the synthetic faces
  params: {faces: demo/faces.h5}          # of this file: $faces below, --set faces=FILE
  seeds: 3                                # 1, 2, 3; or a list
  pick: mean5                             # last | best | mean5: the epochs that count
  data: data/demo.yaml                    # what all cells have in common, as of `fergraph run`
  set: {cache: $faces, split_seed: $seed} # $seed: the seed of each run
  columns:
    100 labels: {set: {labels: 100}}
    400 labels: {set: {labels: 400}}
  rows:
    Baseline: {run: methods/baseline.yaml, paper: [52.43 ± 2.24, 67.75 ± 0.95]}
    Ada-CM:   {run: methods/ada-cm.yaml, at: {400 labels: {set: {steps: 900}}}}
    FixMatch: {run: methods/fixmatch.yaml, grid: {threshold: [0.8, 0.95]}}
    Elsewhere:                            # a group; columns have groups too
      rows: {ReMixMatch: {paper: [58.83, ~]}}

Keys of the file, of groups, columns, rows and `at`: run, data, set, seeds, pick,
  value (the record: test.accuracy; of calibration errors and losses the smallest is the best),
  evaluate: {data: FILE, set: {…}, name: NAME} (the finished run is scored on other data by `fergraph evaluate`).
Keys of the file alone: percent (true), digits (2).
Paths begin at the sweep's folder; those of caches and weights at the working directory.

Exit codes:
  0    all that was asked for is finished, or is with other processes
  1    some runs failed; the same command tries them again
  2    wrong usage, or a file that does not check
  130  interrupted; the same command goes on

Examples:
  fergraph sweep pipelines/tables/demo.yaml --jobs 2
  fergraph sweep pipelines/tables/ada-cm.table-2.yaml --dry-run
  fergraph sweep pipelines/tables/ada-cm.table-2.yaml --set weights=resnet18.pth --only "Ada-CM / RAF-DB*seed 1"
  fergraph sweep my-sweep.yaml --set epochs=2 -- --checkpoint-steps 100 --lanes 2
  srun -n 8 --gpus-per-task 1 fergraph sweep pipelines/tables/resup.table-1.yaml --device cuda)";

}  // namespace

void add_sweep_command(CLI::App& app, Actions& actions) {
  auto given = std::make_shared<SweepCommand>();
  CLI::App* command = app.add_subcommand(
      "sweep",
      "Run all that a table needs (methods, data, settings, seeds), and write the table: Markdown, CSV, LaTeX");
  command->add_option("file", given->file, "The sweep file")->required();
  command->add_option("run_options", given->run_options,
                      "Behind --: options for every `fergraph run`, but none that change what it is");
  command
      ->add_option("--set", given->settings,
                   "A parameter of the sweep, or of all its pipelines: name=value (repeatable)")
      ->type_name("K=V")
      ->allow_extra_args(false);
  command->add_option("--out", given->out, "Where the table and the runs go; sweeps may share it")
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option("--only", given->only,
                   "Run only what is called so: 'ROW / COLUMN, seed N', a part of it, * for any text (repeatable)")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  command->add_option("--seeds", given->seeds, "These seeds instead of the file's: 1 2 3")
      ->check([](const std::string& word) {
        // CLI11 would read -1 as the largest number there is.
        return word.starts_with('-') ? "a seed is a whole number from 0 on, and not " + word + "." : std::string();
      })
      ->type_name("N");
  command
      ->add_option_function<std::string>(
          "--pick", [given](const std::string& word) { given->pick = Pick::parse(word); },
          "The epochs that count, for all cells: last, best, mean5")
      ->check([](const std::string& word) {
        return Pick::parse(word) ? std::string()
                                 : "the epochs that count are last, best, or mean5 for the mean of the last five, and "
                                   "not " +
                                       word + ".";
      })
      ->type_name("WORD");
  command->add_option("--jobs,-j", given->jobs, "Runs at the same time, which share the cores")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--device", given->devices,
                   "Where networks compute: cpu, cuda, cuda:1; of several (repeatable) the jobs take turns")
      ->type_name("DEVICE")
      ->allow_extra_args(false);
  command->add_flag("--dry-run,--list", given->dry_run,
                    "Check every cell, list the runs and how far each is, and run nothing");
  CLI::Option* table_only =
      command->add_flag("--table-only", given->table_only, "Write the table of what is there, and run nothing");
  table_only->excludes(command->get_option("--dry-run"));
  add_quiet_option(*command, given->quiet);
  command->footer(sweep_help);
  actions.on(command, [given](Surroundings& around) {
    // The mark before them may be there twice: see with_second_mark.
    std::vector<std::string>& options = given->run_options;
    if (!options.empty() && options.front() == "--") options.erase(options.begin());
    return sweep(*given, around.registry(), around.stop());
  });
}

}  // namespace fergraph
