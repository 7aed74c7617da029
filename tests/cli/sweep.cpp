// `fergraph sweep`: runs that are kept, go on, fail, are shared between processes, and the table that they end in.
#include <sys/file.h>

#include <array>
#include <cmath>
#include <set>

#include "cli/child_process.hpp"
#include "cli/sweep_folder.hpp"
#include "report/epoch_records.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;
using fergraph::epoch_records;
using fergraph::RunState;

BOOST_AUTO_TEST_SUITE(sweep, *boost::unit_test::fixture<SmallCache>())

namespace {

// A sweep of baselines on the suite's faces, which takes a moment per run.
std::string tiny(const std::string& rows, const std::string& more = "") {
  return "version: 1\nsweep: tiny\nparams: {faces: " + (small_faces() / "faces.h5").string() + ", base: " + pipelines +
         "/methods/baseline.yaml}\nrun: $base\nseeds: 2\n" +
         "set: {cache: $faces, labels: 14, epochs: 1, steps: 2, batch_labeled: 4, batch_test: 7, lr: 1e-3}\n" + more +
         "rows:\n" + rows;
}

std::vector<std::filesystem::path> run_directories(const std::filesystem::path& out) {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(out / "runs")) all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

// Runs of blanks as one, whatever the widths of a table's columns.
std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}

bool is_free(const std::filesystem::path& run_directory) {
  return fergraph::state_of(run_directory) != RunState::running;
}

}  // namespace

BOOST_AUTO_TEST_CASE(runs_what_is_missing_and_writes_the_table) {
  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Baseline: {paper: 20 ± 1}\n  Printed: {run: ~, paper: 30.5}\n"));
  const Outcome outcome = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out", "--jobs", "2"});
  BOOST_REQUIRE_EQUAL(outcome.code, 0);
  BOOST_TEST(has(outcome.err, "begins:  Baseline, seed 1\n"));
  BOOST_TEST(has(outcome.err, "done:    Baseline, seed 2, "));
  for (const char* form : {"md", "csv", "tex", "json"})
    BOOST_TEST(std::filesystem::exists(scratch.folder / ("out/tiny." + std::string(form))), form);
  const std::string markdown = text_of(scratch.folder / "out/tiny.md");
  BOOST_TEST(has(outcome.out, markdown));
  BOOST_TEST(has(outcome.out, "Table: out/tiny.md, .csv, .tex\n"));

  // The table's numbers are those of the runs.
  std::vector<double> accuracies;
  for (const auto& directory : run_directories(scratch.folder / "out"))
    accuracies.push_back(100 * epoch_records(directory).at("test.accuracy").back());
  BOOST_REQUIRE_EQUAL(accuracies.size(), 2u);
  std::array<char, 64> expected{};
  std::snprintf(expected.data(), expected.size(), "| Baseline | %.2f ± %.2f (%+.2f) |",
                (accuracies[0] + accuracies[1]) / 2, std::abs(accuracies[0] - accuracies[1]) / std::sqrt(2.0),
                (accuracies[0] + accuracies[1]) / 2 - 20);
  BOOST_TEST(has(squeezed(markdown), expected.data()));
  BOOST_TEST(has(squeezed(markdown), "| Baseline, paper | 20.00 ± 1.00 |"));
  BOOST_TEST(has(squeezed(markdown), "| Printed, paper | 30.50 |"));

  // What is finished is kept.
  const Outcome again = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out"});
  BOOST_TEST(again.code == 0);
  BOOST_TEST(again.err == "");
  BOOST_TEST(text_of(scratch.folder / "out/tiny.md") == markdown);
  for (const auto& directory : run_directories(scratch.folder / "out"))
    BOOST_TEST(fergraph::read_mark(directory)->attempts == 1);

  const Outcome list = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out", "--dry-run"});
  BOOST_TEST(has(list.out, "tiny: 1 cell, 2 runs: 2 finished\n"));

  // A changed definition is told, and run anew; the old runs stay.
  scratch.write("tiny.yaml", tiny("  Baseline: {set: {lr: 2e-3}, seeds: [2]}\n"));
  const Outcome changed = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out"});
  BOOST_TEST(changed.code == 0);
  BOOST_TEST(has(changed.err,
                 "'Baseline' is no longer what its 1 run was made with and is run anew: params.lr was 1e-3 and is "
                 "2e-3. The old runs stay where they are.\n"));
  BOOST_TEST(run_directories(scratch.folder / "out").size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_goes_on_to_the_same_end) {
  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Baseline: {seeds: [3], set: {epochs: 4, steps: 40}}\n"));
  const std::vector<std::string> arguments = {"sweep", "tiny.yaml", "--out", "out"};
  Child child(scratch.folder, arguments);
  std::filesystem::path directory;
  BOOST_REQUIRE(child.until([&] {
    if (directory.empty() && std::filesystem::exists(scratch.folder / "out/runs"))
      for (const auto& each : run_directories(scratch.folder / "out")) directory = each;
    return !directory.empty() && fergraph::has_checkpoint(directory);
  }));
  child.send(SIGINT);
  const Outcome stopped = child.wait();
  BOOST_TEST(is_free(directory));
  if (fergraph::left_state(directory) == RunState::finished) return;  // it was faster than the signal
  BOOST_TEST(stopped.code == 130);
  BOOST_TEST(has(stopped.err, "Interrupted; 0 of 1 runs are finished. The same command goes on.\n"));
  BOOST_TEST((fergraph::left_state(directory) == RunState::interrupted));
  BOOST_TEST(has(text_of(scratch.folder / "out/tiny.md"), "not run"));

  // Killed in the middle, with no chance to say anything: the run stops too.
  Child killed(scratch.folder, arguments);
  BOOST_REQUIRE(killed.until([&] { return !is_free(directory); }));
  killed.send(SIGKILL);
  BOOST_TEST(killed.wait().signal == SIGKILL);
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!is_free(directory) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  BOOST_TEST(is_free(directory));

  const Outcome last = run(scratch.folder, arguments);
  BOOST_TEST(last.code == 0);
  BOOST_TEST(has(last.err, "goes on: Baseline, seed 3\n"));
  const Outcome undisturbed =
      run(scratch.folder, {"run", (directory / "sweep.yaml").string(), "--out", "alone", "--seed", "3", "--quiet"});
  BOOST_REQUIRE_EQUAL(undisturbed.code, 0);
  BOOST_TEST(text_of(directory / "metrics.jsonl") == text_of(scratch.folder / "alone/metrics.jsonl"));
  BOOST_TEST((text_of(directory / "checkpoints/last/net.safetensors") ==
              text_of(scratch.folder / "alone/checkpoints/last/net.safetensors")));
}

BOOST_AUTO_TEST_CASE(a_run_that_is_stopped_while_it_starts_has_not_failed) {
  using fergraph::was_interrupted;
  BOOST_TEST(was_interrupted({130, 0}, false));
  for (const int signal : {SIGINT, SIGTERM}) {
    BOOST_TEST(was_interrupted({-1, signal}, true));
    BOOST_TEST(!was_interrupted({-1, signal}, false));
  }
  for (const bool stopped : {false, true}) {
    BOOST_TEST(!was_interrupted({-1, SIGKILL}, stopped));
    BOOST_TEST(!was_interrupted({1, 0}, stopped));
  }

  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Baseline: {seeds: [3], set: {epochs: 4, steps: 40}}\n"));
  Child child(scratch.folder, {"sweep", "tiny.yaml", "--out", "out"});
  // The log is opened before the run's process begins, which takes a while to load the program.
  std::filesystem::path directory;
  BOOST_REQUIRE(child.until([&] {
    if (directory.empty() && std::filesystem::exists(scratch.folder / "out/runs"))
      for (const auto& each : run_directories(scratch.folder / "out")) directory = each;
    return !directory.empty() && std::filesystem::exists(directory / "log.txt");
  }));
  child.send(SIGINT);
  const Outcome stopped = child.wait();
  if (fergraph::left_state(directory) == RunState::finished) return;  // it was faster than the signal
  BOOST_TEST(stopped.code == 130);
  BOOST_TEST((fergraph::left_state(directory) != RunState::failed));
  BOOST_TEST(stopped.err.find("failed") == std::string::npos);
  BOOST_TEST(has(stopped.err, "Interrupted; 0 of 1 runs are finished. The same command goes on.\n"));
}

BOOST_AUTO_TEST_CASE(a_failing_cell_does_not_stop_the_others) {
  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Wrong: {set: {weights: none.safetensors}}\n  Right: {}\n", "seeds: 1\n"));
  std::string text = text_of(scratch.folder / "tiny.yaml");
  text.erase(text.find("seeds: 2\n"), 9);
  scratch.write("tiny.yaml", text);
  const Outcome outcome = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out"});
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.err, "warning: Wrong, seed 1 failed (exit code 2): "));
  BOOST_TEST(has(outcome.err, "1 run failed; the same command tries again:\n  Wrong, seed 1 (exit code 2): out/runs/"));
  BOOST_TEST(has(outcome.err, "/log.txt\n    "));
  BOOST_TEST(has(outcome.err, "none.safetensors"));
  BOOST_TEST(has(outcome.err, "done:    Right, seed 1, "));
  const std::string markdown = text_of(scratch.folder / "out/tiny.md");
  BOOST_TEST(has(squeezed(markdown), "| Wrong | failed |"));
  // It is tried again, and the other one is kept.
  const Outcome again = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out", "--only", "wrong"});
  BOOST_TEST(again.code == 1);
  std::set<int> attempts;
  for (const auto& directory : run_directories(scratch.folder / "out"))
    attempts.insert(fergraph::read_mark(directory)->attempts);
  BOOST_TEST((attempts == std::set<int>{1, 2}));
}

BOOST_AUTO_TEST_CASE(two_processes_share_the_runs) {
  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Baseline: {seeds: 3}\n"));
  std::vector<std::unique_ptr<Child>> children;
  for (const char* rank : {"0", "1"}) {
    std::filesystem::create_directories(scratch.folder / rank);
    ::setenv("RANK", rank, 1);
    ::setenv("WORLD_SIZE", "2", 1);
    ::setenv("LOCAL_WORLD_SIZE", "2", 1);
    children.push_back(std::make_unique<Child>(
        scratch.folder / rank, std::vector<std::string>{"sweep", "../tiny.yaml", "--out", (scratch / "out").string()}));
  }
  for (const char* name : {"RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"}) ::unsetenv(name);
  std::string told;
  int tables = 0;
  for (const auto& child : children) {
    const Outcome outcome = child->wait();
    BOOST_TEST(outcome.code == 0);
    told += outcome.err;
    if (outcome.out.find("## tiny") != std::string::npos) ++tables;
  }
  BOOST_TEST(has(told, "This is process 1 of 2, counted from 0 (as RANK and WORLD_SIZE says)."));
  BOOST_TEST(tables >= 1);
  const auto directories = run_directories(scratch.folder / "out");
  BOOST_TEST(directories.size() == 3u);
  for (const auto& directory : directories) {
    BOOST_TEST(fergraph::read_mark(directory)->attempts == 1);
    BOOST_TEST((fergraph::left_state(directory) == RunState::finished));
  }
  BOOST_TEST(has(text_of(scratch.folder / "out/tiny.md"), "over n = 3 seeds"));
  BOOST_TEST(text_of(scratch.folder / "out/tiny.md").find(" of 3]") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_launcher_shares_the_runs) {
  if (std::system("mpirun --version > /dev/null 2>&1") != 0) {
    BOOST_TEST_MESSAGE("Skipped: there is no mpirun (Debian's openmpi-bin).");
    return;
  }
  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Baseline: {}\n"));
  const std::string command =
      "cd '" + scratch.folder.string() +
      "' && OMP_WAIT_POLICY=passive mpirun --allow-run-as-root --oversubscribe -n 2 '" FERGRAPH_PROGRAM
      "' sweep tiny.yaml --out out > out.txt 2> err.txt";
  BOOST_TEST(std::system(command.c_str()) == 0);
  const std::string told = text_of(scratch / "err.txt");
  for (const char* process : {"0", "1"})
    BOOST_TEST(has(told, "This is process " + std::string(process) +
                             " of 2, counted from 0 (as OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE says)."));
  const auto directories = run_directories(scratch.folder / "out");
  BOOST_TEST(directories.size() == 2u);
  for (const auto& directory : directories) {
    BOOST_TEST(fergraph::read_mark(directory)->attempts == 1);
    BOOST_TEST((fergraph::left_state(directory) == RunState::finished));
  }
  BOOST_TEST(has(text_of(scratch / "out.txt"), "Table: out/tiny.md, .csv, .tex\n"));
  BOOST_TEST(has(text_of(scratch.folder / "out/tiny.md"), "over n = 2 seeds"));
  BOOST_TEST(text_of(scratch.folder / "out/tiny.md").find(" of 2]") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_launcher_whose_variables_make_no_sense) {
  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Baseline: {}\n"));
  ::setenv("SLURM_PROCID", "5", 1);
  ::setenv("SLURM_NTASKS", "2", 1);
  const Outcome outcome = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out"});
  for (const char* name : {"SLURM_PROCID", "SLURM_NTASKS"}) ::unsetenv(name);
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(outcome.err ==
             "The environment says SLURM_PROCID=5 and SLURM_NTASKS=2, which is no share of work. Unset them, and this "
             "process runs all that is missing; or have a launcher set them.\n");
}

BOOST_AUTO_TEST_CASE(a_finished_run_is_scored_on_other_data) {
  const Scratch scratch;
  const std::string data = "params: {test: {cache: " + (small_faces() / "faces.h5").string() + ", split: test}}\n";
  for (const char* name : {"other.yaml", "test.yaml"}) scratch.write(name, data);
  scratch.write("tiny.yaml",
                tiny("  Baseline: {seeds: [1], set: {epochs: 2}}\n", "evaluate: other.yaml\npick: best\n"));
  BOOST_TEST(run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out"}).code == 0);
  const auto directories = run_directories(scratch.folder / "out");
  BOOST_REQUIRE_EQUAL(directories.size(), 1u);
  BOOST_TEST(std::filesystem::exists(directories[0] / "predictions/other-best.json"));
  const std::vector<double> accuracies = epoch_records(directories[0]).at("test.accuracy");
  std::array<char, 64> expected{};
  std::snprintf(expected.data(), expected.size(), "| Baseline | %.2f |",
                100 * *std::max_element(accuracies.begin(), accuracies.end()));
  BOOST_TEST(has(squeezed(text_of(scratch.folder / "out/tiny.md")), expected.data()));

  // What a run leaves of its own faces would be taken for the result.
  scratch.write("tiny.yaml", tiny("  Baseline: {}\n", "evaluate: test.yaml\n"));
  const Outcome own = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out", "--dry-run"});
  BOOST_TEST(own.code == 2);
  BOOST_TEST(has(own.err,
                 ": error: 'test' is what every run calls the predictions of its own faces. Give this evaluation "
                 "another name: evaluate: {data: FILE, name: NAME}. (In the cell 'Baseline'.)\n"));
}

BOOST_AUTO_TEST_CASE(what_defines_a_run_is_refused_behind_the_dashes) {
  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Baseline: {}\n"));
  const Outcome outcome = run(
      scratch.folder, {"sweep", "tiny.yaml", "--out", "out", "--", "--set", "epochs=2", "--lanes", "2", "--seed=5",
                       "--data", "x.yaml", "--out=no", "--resume", "there", "--record", "pack.h5", "--shard", "1/2"});
  BOOST_TEST(outcome.code == 2);
  const std::string why = " cannot stand behind --: what a run is, the sweep itself says, so that its table is true. ";
  BOOST_TEST(
      outcome.err ==
      "-- --set: error: --set" + why + "Say --set before the --, or use 'set' in the sweep file.\n" +
          "-- --seed=5: error: --seed" + why + "Say --seeds before the --, or use 'seeds' in the sweep file.\n" +
          "-- --data: error: --data" + why + "Use 'data' in the sweep file.\n" + "-- --out=no: error: --out" + why +
          "Say --out before the --; the directories of the runs lie below it.\n" + "-- --resume: error: --resume" +
          why + "Leave it out: what was interrupted goes on by itself.\n" + "-- --record: error: --record" + why +
          "Record a run by itself: fergraph run RUN/pipeline.yaml --record PACK.h5.\n" + "-- --shard: error: --shard" +
          why + "Leave it out: processes that srun, mpirun or torchrun start share the runs.\n7 errors.\n");
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "out"));

  // Of wrong usage the message is told, not that there is a --help.
  const Outcome wrong =
      run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out", "--seeds", "1", "--", "--lanes", "0"});
  BOOST_TEST(wrong.code == 1);
  BOOST_TEST(has(wrong.err, "warning: Baseline, seed 1 failed (exit code 2): --lanes: Value 0 not in range "));
  BOOST_TEST(has(wrong.err, "/log.txt\n    --lanes: Value 0 not in range "));
}

BOOST_AUTO_TEST_CASE(each_seed_is_given_once) {
  const Scratch scratch;
  scratch.write("tiny.yaml", tiny("  Baseline: {}\n"));
  const Outcome twice = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out", "--seeds", "3", "4", "3"});
  BOOST_TEST(twice.code == 2);
  BOOST_TEST(twice.err == "--seeds 3: error: The seed stands twice. Two equal runs are one; give each seed once.\n");
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "out"));
  const Outcome negative = run(scratch.folder, {"sweep", "tiny.yaml", "--out", "out", "--seeds", "-1"});
  BOOST_TEST(negative.code == 2);
  BOOST_TEST(has(negative.err, "a seed is a whole number from 0 on, and not -1."));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_cell_is_told_where_it_stands) {
  const Scratch scratch;
  scratch.write("mine.yaml",
                "version: 1\nuse: " + pipelines + "/methods/baseline.yaml\nstep: {sean: {node: forwrad}}\n");
  scratch.write("wrong.yaml",
                "version: 1\nset: {bacth_labeled: 3, stepz: 2, seed: $seeed}\ncolumns: {A: {}, B: {}}\n"
                "rows:\n  One: {run: " +
                    pipelines +
                    "/methods/baseline.yaml}\n"
                    "  Two: {run: " +
                    pipelines + "/faces/demo.yaml}\n");
  const Outcome outcome = run(scratch.folder, {"sweep", "wrong.yaml", "--dry-run"});
  BOOST_TEST(outcome.code == 2);
  BOOST_TEST(has(outcome.err, "wrong.yaml:2:7: error: The pipeline has no parameter 'bacth_labeled'. It knows "));
  BOOST_TEST(has(outcome.err, "Did you mean 'batch_labeled'? (In the cell 'One / A'.)\n"));
  BOOST_TEST(has(outcome.err, "wrong.yaml:2:25: error: The pipeline has no parameter 'stepz'."));
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "runs"));

  scratch.write("wrong.yaml", "rows:\n  One: {run: mine.yaml}\n  Two: {run: " + pipelines +
                                  "/faces/demo.yaml}\n  Three: {run: " + pipelines +
                                  "/methods/baseline.yaml, value: test.acuracy}\n");
  const Outcome cells = run(scratch.folder, {"sweep", "wrong.yaml"});
  BOOST_TEST(cells.code == 2);
  BOOST_TEST(has(cells.err, "mine.yaml:3:21: error: "));
  BOOST_TEST(has(cells.err, "Did you mean 'forward'? (In the cell 'One'.)\n"));
  BOOST_TEST(
      has(cells.err, "faces/demo.yaml' does not train: it has no 'step'. Name a method. (In the cell 'Two'.)\n"));
  BOOST_TEST(has(cells.err, "wrong.yaml:4:3: error: The pipeline has no record 'test.acuracy' for 'value'. It has "));
  BOOST_TEST(has(cells.err, "Did you mean 'test.accuracy'? (In the cell 'Three'.)\n"));

  scratch.write("tiny.yaml", tiny("  Baseline: {}\n"));
  const Outcome none = run(scratch.folder, {"sweep", "tiny.yaml", "--only", "Baselin3"});
  BOOST_TEST(none.code == 2);
  BOOST_TEST(
      none.err ==
      "--only Baselin3: error: No run of the sweep is called so. Runs are called as 'Baseline, seed 1'; * stands "
      "for any text. Its rows are 'Baseline'. Did you mean 'Baseline'?\n");
  const Outcome pick = run(scratch.folder, {"sweep", "tiny.yaml", "--pick", "first"});
  BOOST_TEST(pick.code == 2);
  BOOST_TEST(has(pick.err,
                 "the epochs that count are last, best, or mean5 for the mean of the last five, and not "
                 "first."));
}

BOOST_AUTO_TEST_SUITE_END()
