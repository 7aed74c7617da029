// A training run that is resumed from any checkpoint ends in the same bits as one that was never disturbed.
#include <nlohmann/json.hpp>

#include "cli/run_command.hpp"
#include "nodes/values.hpp"
#include "report/provenance.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(resuming, *boost::unit_test::fixture<SmallFaces>())

namespace {

constexpr int epochs = 3, steps = 3;

RunCommand small_command(const std::filesystem::path& file, const std::filesystem::path& out) {
  RunCommand command;
  command.load.file = file;
  command.load.settings = {"cache=" + (SmallFaces::folder / "faces.h5").string(),
                           "labels=14",
                           "epochs=" + std::to_string(epochs),
                           "steps=" + std::to_string(steps),
                           "batch_labeled=6",
                           "batch_test=7",
                           "lr=1e-3"};
  const Tree root = load_document({file, {}, {}}).root;
  if (root.find("params")->find("batch_unlabeled")) command.load.settings.push_back("batch_unlabeled=6");
  command.out = out;
  command.quiet = true;
  command.report = false;
  command.checkpoints.every_steps = 1;
  command.checkpoints.newest = 1000;
  return command;
}

RunCommand resumed(const std::filesystem::path& directory) {
  RunCommand command;
  command.resume = directory;
  command.quiet = true;
  command.report = false;
  return command;
}

// All that a run leaves and that its numbers decide.
std::map<std::string, std::string> results_of(const std::filesystem::path& run) {
  std::map<std::string, std::string> results = {{"metrics.jsonl", text_of(run / "metrics.jsonl")}};
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints/last"))
    results[entry.path().filename()] = text_of(entry.path());
  return results;
}

std::vector<std::filesystem::path> checkpoints_of(const std::filesystem::path& run) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints"))
    if (entry.is_regular_file() && entry.path().stem() != "best") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> unfinished_in(const std::filesystem::path& run) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run))
    if (entry.path().filename().string().find(".partial") != std::string::npos) files.push_back(entry.path());
  return files;
}

// A copy of the run as a process that died after the checkpoint would have left it, or later.
void copy_killed(const std::filesystem::path& run, const std::filesystem::path& to, std::size_t checkpoints) {
  std::filesystem::remove_all(to);
  std::filesystem::create_directories(to.parent_path());
  std::filesystem::copy(run, to, std::filesystem::copy_options::recursive);
  const std::vector<std::filesystem::path> files = checkpoints_of(to);
  for (std::size_t i = checkpoints; i < files.size(); ++i) std::filesystem::remove(files[i]);
  std::filesystem::remove_all(to / "checkpoints/last");
  // What it was writing stays, half done.
  std::filesystem::create_directories(to / "checkpoints/last");
  for (const char* unfinished : {"000000007.safetensors.partial.9", "last/net.safetensors.partial.9", "best.partial"})
    std::ofstream(to / "checkpoints" / unfinished) << "half";
  // What is recorded is on the disk before the last checkpoint.
  if (checkpoints < files.size()) std::ofstream(to / "metrics.jsonl", std::ios::app) << "{\"section\":\"step\",\"epo";
}

// Stops the run that it is part of.
struct StopHere {
  struct Out {
    Number value;
  };
  static Contract<StopHere> contract() {
    return Contract<StopHere>("stop_here", "stops the run").out(&Out::value, "value", "float []", "nothing");
  }
  Out run() const {
    source.request_stop();
    return {};
  }
  static inline std::stop_source source;
};

}  // namespace

BOOST_AUTO_TEST_CASE(every_method_goes_on_from_every_checkpoint_to_the_same_end) {
  for (const std::filesystem::path& file : files_in("methods")) {
    const std::filesystem::path whole = SmallFaces::folder / "whole" / file.stem();
    const std::filesystem::path killed = SmallFaces::folder / "killed" / file.stem();
    BOOST_REQUIRE_EQUAL(run_command(small_command(file, whole), registry(), {}), 0);
    const auto wanted = results_of(whole);
    const std::size_t count = checkpoints_of(whole).size();
    BOOST_TEST(count == epochs * steps);
    // From the middle of the first epoch, its end, the middle and the end of the last.
    for (const std::size_t kept : {std::size_t{1}, std::size_t{steps}, count - 1, count})
      BOOST_TEST_CONTEXT(file.filename().string() << " from checkpoint " << kept) {
        copy_killed(whole, killed, kept);
        BOOST_TEST(run_command(resumed(killed), registry(), {}) == 0);
        const auto got = results_of(killed);
        BOOST_TEST(unfinished_in(killed).empty());
        BOOST_REQUIRE_EQUAL(got.size(), wanted.size());
        for (const auto& [name, bytes] : wanted) BOOST_TEST((got.at(name) == bytes), name);
      }
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_checkpoint_gives_way_to_the_one_before_it) {
  const std::filesystem::path whole = SmallFaces::folder / "damage/whole",
                              killed = SmallFaces::folder / "damage/killed";
  BOOST_REQUIRE_EQUAL(run_command(small_command(pipelines / "methods/baseline.yaml", whole), registry(), {}), 0);
  const auto wanted = results_of(whole);
  for (const std::string how : {"cut", "flipped", "empty"}) BOOST_TEST_CONTEXT(how) {
      copy_killed(whole, killed, 5);
      const std::filesystem::path last = checkpoints_of(killed).back();
      std::string bytes = text_of(last);
      if (how == "cut") bytes.resize(bytes.size() / 2);
      if (how == "flipped") bytes[bytes.size() - 100] ^= 4;
      if (how == "empty") bytes.clear();
      std::ofstream(last, std::ios::binary) << bytes;
      BOOST_TEST(run_command(resumed(killed), registry(), {}) == 0);
      BOOST_TEST((results_of(killed) == wanted));
    }
  // None is whole.
  copy_killed(whole, killed, 1);
  std::ofstream(checkpoints_of(killed).front()) << "nothing";
  BOOST_CHECK_EXCEPTION(run_command(resumed(killed), registry(), {}), RunError, [&](const RunError& error) {
    return std::string(error.what()) == "The run '" + killed.string() +
                                            "' has no checkpoint that is whole. Begin it anew: fergraph run " +
                                            (killed / "pipeline.yaml").string() + ".";
  });
}

// Damaged files are newer than those that a resumed run writes, and must not be kept in their place.
BOOST_AUTO_TEST_CASE(damaged_checkpoints_are_set_aside) {
  const std::filesystem::path whole = SmallFaces::folder / "aside/whole", killed = SmallFaces::folder / "aside/killed";
  BOOST_REQUIRE_EQUAL(run_command(small_command(pipelines / "methods/baseline.yaml", whole), registry(), {}), 0);
  copy_killed(whole, killed, 8);
  for (const char* name : {"000000006", "000000007", "000000008"})
    std::filesystem::resize_file(killed / "checkpoints" / (std::string(name) + ".safetensors"), 100);
  RunCommand command = resumed(killed);
  command.checkpoints.every_steps = 1;
  command.checkpoints.newest = 2;
  BOOST_TEST(run_command(command, registry(), {}) == 0);
  BOOST_TEST((results_of(killed) == results_of(whole)));
  std::vector<std::string> names;
  for (const auto& file : checkpoints_of(killed)) names.push_back(file.filename());
  BOOST_TEST(names == (std::vector<std::string>{"000000006.safetensors.damaged", "000000007.safetensors.damaged",
                                                "000000008.safetensors", "000000008.safetensors.damaged",
                                                "000000009.safetensors"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_epochs_end_that_is_stopped_is_made_again) {
  Registry with_stop = registry();
  with_stop.add(StopHere::contract().type());
  const std::filesystem::path whole = SmallFaces::folder / "stopped/whole",
                              stopped = SmallFaces::folder / "stopped/stopped";
  const auto command = [&](const std::filesystem::path& out) {
    RunCommand small = small_command(pipelines / "methods/resup.yaml", out);
    small.checkpoints = {};
    // The mixtures have moved their weights by then, and the pass is cut short.
    for (const char* more :
         {"epoch_end.stop={node: stop_here}", "epoch_end.again={node: pass, images: test.plain, nets: [net1]}"})
      small.load.settings.emplace_back(more);
    return small;
  };
  BOOST_REQUIRE_EQUAL(run_command(command(whole), with_stop, {}), 0);
  StopHere::source = std::stop_source();
  BOOST_TEST(run_command(command(stopped), with_stop, StopHere::source.get_token()) == 130);
  BOOST_TEST(checkpoints_of(stopped).size() == 1U);
  BOOST_TEST(run_command(resumed(stopped), with_stop, {}) == 0);
  BOOST_TEST((results_of(stopped) == results_of(whole)));
}

BOOST_AUTO_TEST_CASE(the_best_epoch_is_named_where_a_killed_run_could_not) {
  const std::filesystem::path whole = SmallFaces::folder / "best/whole", killed = SmallFaces::folder / "best/killed";
  RunCommand command = small_command(pipelines / "methods/baseline.yaml", whole);
  command.checkpoints.best = "lr";  // which falls
  command.load.settings.emplace_back("lr=1e-3/epoch");
  BOOST_REQUIRE_EQUAL(run_command(command, registry(), {}), 0);
  BOOST_TEST(read_checkpoint(whole / "checkpoints/best.safetensors").iteration == steps);
  copy_killed(whole, killed, 5);
  std::filesystem::remove(killed / "checkpoints/best.safetensors");
  RunCommand again = resumed(killed);
  again.checkpoints = read_identity(killed / "provenance.json").checkpoints;
  BOOST_TEST(again.checkpoints.best == "lr");
  BOOST_TEST(again.checkpoints.newest == 1000);
  BOOST_TEST(run_command(again, registry(), {}) == 0);
  BOOST_TEST(read_checkpoint(killed / "checkpoints/best.safetensors").iteration == steps);
}

BOOST_AUTO_TEST_CASE(a_record_that_is_not_there_makes_no_best_epoch) {
  RunCommand command = small_command(pipelines / "methods/baseline.yaml", SmallFaces::folder / "best/unknown");
  command.checkpoints.best = "test.acuracy";
  BOOST_CHECK_EXCEPTION(run_command(command, registry(), {}), PipelineError, [](const PipelineError& error) {
    const std::string text = error.what();
    return text.find("--best names 'test.acuracy', which is no record of the epoch's end. There are ") !=
               std::string::npos &&
           text.find("Did you mean 'test.accuracy'?") != std::string::npos;
  });
  BOOST_TEST(!std::filesystem::exists(command.out));
}

BOOST_AUTO_TEST_CASE(a_run_does_not_go_on_with_other_steps) {
  const std::filesystem::path whole = SmallFaces::folder / "edited/whole",
                              killed = SmallFaces::folder / "edited/killed";
  BOOST_REQUIRE_EQUAL(run_command(small_command(pipelines / "methods/baseline.yaml", whole), registry(), {}), 0);
  copy_killed(whole, killed, 4);
  std::string text = text_of(killed / "pipeline.yaml");
  const std::size_t at = text.find("steps: 3");
  BOOST_REQUIRE(at != std::string::npos);
  text.replace(at, 8, "steps: 2");
  std::ofstream(killed / "pipeline.yaml") << text;
  BOOST_CHECK_EXCEPTION(run_command(resumed(killed), registry(), {}), RunError, [&](const RunError& error) {
    return std::string(error.what()) ==
           "The run '" + killed.string() +
               "' made 3 steps in each epoch, but its pipeline.yaml now gives 2. Give it back its steps, or begin a "
               "new run.";
  });
}

BOOST_AUTO_TEST_CASE(what_a_killed_run_did_not_make_at_its_end_is_made) {
  const std::filesystem::path whole = SmallFaces::folder / "end/whole";
  BOOST_REQUIRE_EQUAL(run_command(small_command(pipelines / "methods/baseline.yaml", whole), registry(), {}), 0);
  const std::string predictions = text_of(whole / "predictions/labeled.csv");
  std::filesystem::remove_all(whole / "predictions");
  RunCommand again = resumed(whole);
  again.report = true;
  BOOST_TEST(run_command(again, registry(), {}) == 0);
  BOOST_TEST(text_of(whole / "predictions/labeled.csv") == predictions);
  BOOST_TEST(std::filesystem::exists(whole / "report.html"));
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_run_is_not_mixed_with_another) {
  const std::filesystem::path left = SmallFaces::folder / "left";
  std::filesystem::create_directories(left / "checkpoints");
  std::ofstream(left / "checkpoints/000000003.safetensors") << "of another";
  BOOST_CHECK_EXCEPTION(run_command(small_command(pipelines / "methods/baseline.yaml", left), registry(), {}), RunError,
                        [&](const RunError& error) {
                          return std::string(error.what()) ==
                                 "The run directory '" + left.string() +
                                     "' holds 'checkpoints' of another run. Choose another with --out, or remove it.";
                        });
}

BOOST_AUTO_TEST_CASE(only_what_the_rules_say_is_kept) {
  const auto kept = [](const std::string& name, const CheckpointRules& rules) {
    const std::filesystem::path out = SmallFaces::folder / "kept" / name;
    RunCommand command = small_command(pipelines / "methods/baseline.yaml", out);
    command.checkpoints = rules;
    BOOST_TEST(run_command(command, registry(), {}) == 0);
    std::vector<std::string> names;
    for (const auto& file : checkpoints_of(out)) names.push_back(file.stem());
    BOOST_TEST(std::filesystem::exists(out / "checkpoints/best.safetensors"));
    return names;
  };
  BOOST_TEST(kept("ends", {}) == (std::vector<std::string>{"000000006", "000000009"}),
             boost::test_tools::per_element());
  CheckpointRules rules;
  rules.every_steps = 2;
  rules.newest = 1;
  rules.every_epochs = 2;
  BOOST_TEST(kept("rules", rules) == (std::vector<std::string>{"000000006", "000000009"}),
             boost::test_tools::per_element());
  rules.every_epochs = 0;
  BOOST_TEST(kept("newest", rules) == (std::vector<std::string>{"000000009"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_folder_without_a_run_is_told) {
  BOOST_CHECK_EXCEPTION(
      run_command(resumed(SmallFaces::folder / "photographs"), registry(), {}), RunError, [](const RunError& error) {
        return std::string(error.what()).ends_with("holds no run: it has no 'pipeline.yaml'. Check the path.");
      });
}

BOOST_AUTO_TEST_SUITE_END()
