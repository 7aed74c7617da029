// Training runs: their directories, what they refuse, what Ctrl-C leaves.
#include <sys/file.h>

#include <nlohmann/json.hpp>

#include "nodes/network/safetensors.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(running, *boost::unit_test::fixture<SmallCache>())

BOOST_AUTO_TEST_CASE(missing_files_are_named) {
  const Scratch scratch;
  const Outcome file = run(scratch.folder, {"run", "none.yaml"});
  BOOST_TEST(file.code == 2);
  BOOST_TEST(file.err ==
             "none.yaml: error: The file does not exist or cannot be read. Check the path and its permissions.\n");
  const Outcome cache = run(scratch.folder, {"run", pipelines + "/methods/baseline.yaml", "--set", "cache=none.h5"});
  BOOST_TEST(cache.code == 2);
  BOOST_TEST(
      has(cache.err,
          "error: streams.labeled.faces (face_cache) cannot be prepared: The face cache 'none.h5' does not exist: "
          "make it first or correct the path."));
  const Outcome setting = run(scratch.folder, train("baseline", {"--set", "bacth_labeled=3"}));
  BOOST_TEST(setting.code == 2);
  BOOST_TEST(
      has(setting.err, "--set bacth_labeled=3: error: The pipeline has no parameter 'bacth_labeled'. It knows "));
  BOOST_TEST(has(setting.err, " Did you mean 'batch_labeled'?"));
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "runs"));
}

BOOST_AUTO_TEST_CASE(a_run_fills_its_directory) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, train("baseline", {"--out", "out", "--trace", "trace.json"}));
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(has(outcome.err, "Disk: needs about "));
  BOOST_TEST(has(outcome.err, " at 'out', "));
  BOOST_TEST(has(outcome.err, " are free.\n"));
  BOOST_TEST(has(outcome.out, "test.accuracy: best "));
  BOOST_TEST(has(outcome.out, "Time: "));
  BOOST_TEST(has(outcome.out, "Run directory: out\n"));
  for (const std::string file : {"out/pipeline.yaml", "out/provenance.json", "out/metrics.jsonl",
                                 "out/checkpoints/last/net.safetensors", "out/checkpoints/last/adam.safetensors"})
    BOOST_TEST(std::filesystem::is_regular_file(scratch.folder / file), file);
  BOOST_TEST(scratch.ending(".partial").empty());
  BOOST_TEST(scratch.ending("run.lock").empty());
  for (const std::string& line : lines_of(text_of(scratch.folder / "out/metrics.jsonl")))
    BOOST_TEST(nlohmann::json::accept(line), line);
  BOOST_TEST(nlohmann::json::accept(text_of(scratch.folder / "trace.json")));
  const auto provenance = nlohmann::json::parse(text_of(scratch.folder / "out/provenance.json"));
  BOOST_TEST(provenance["seed"] == 1);
  BOOST_TEST(provenance["compute_threads"].get<int>() > 0);
  BOOST_TEST(provenance["machine"]["capability"] != "");
  const std::string cache = (small_faces() / "faces.h5").string();
  BOOST_TEST(provenance["caches"][cache].get<std::string>().size() > 8u);
  if (std::filesystem::exists(source_folder / ".git"))
    BOOST_TEST(!provenance["versions"]["commit"].get<std::string>().empty());

  // The resolved file is the run: it gives the same numbers again, and --quiet says nothing on the way.
  const Outcome again = run(scratch.folder, {"run", "out/pipeline.yaml", "--out", "again", "--quiet"});
  BOOST_TEST(again.code == 0);
  BOOST_TEST(again.err == "");
  BOOST_TEST(text_of(scratch.folder / "again/metrics.jsonl") == text_of(scratch.folder / "out/metrics.jsonl"));
  BOOST_TEST(text_of(scratch.folder / "again/pipeline.yaml") == text_of(scratch.folder / "out/pipeline.yaml"));
}

BOOST_AUTO_TEST_CASE(a_repeated_run_tells_what_is_not_as_it_was) {
  const Scratch scratch;
  BOOST_REQUIRE_EQUAL(run(scratch.folder, train("baseline", {"--out", "out", "--threads", "2"})).code, 0);
  const std::filesystem::path file = scratch.folder / "out/provenance.json";
  auto provenance = nlohmann::ordered_json::parse(text_of(file));
  provenance["versions"]["libtorch"] = "0.1";
  scratch.write("out/provenance.json", provenance.dump());
  const Outcome outcome =
      run(scratch.folder, {"run", "out/pipeline.yaml", "--out", "again", "--quiet", "--threads", "3", "--seed", "5"});
  BOOST_TEST(outcome.code == 0);
  const std::vector<std::string> told = lines_of(outcome.err);
  BOOST_REQUIRE_EQUAL(told.size(), 4u);
  BOOST_TEST(told[0] == "warning: This run is not quite that of 'out/provenance.json', so its numbers may differ:");
  BOOST_TEST(told[1] == "  seed was 1 and is 5");
  BOOST_TEST(told[2] == "  threads was 2 and is 3");
  BOOST_TEST(told[3].starts_with("  versions.libtorch was \"0.1\" and is "));
  // A provenance that cannot be read is no reason not to run.
  scratch.write("out/provenance.json", "{");
  BOOST_TEST(run(scratch.folder, {"run", "out/pipeline.yaml", "--out", "third", "--quiet"}).err == "");
}

BOOST_AUTO_TEST_CASE(a_directory_belongs_to_one_run) {
  const Scratch scratch;
  BOOST_REQUIRE_EQUAL(run(scratch.folder, train("baseline", {"--out", "out"})).code, 0);
  const std::string metrics = text_of(scratch.folder / "out/metrics.jsonl");
  const Outcome finished = run(scratch.folder, train("baseline", {"--out", "out", "--quiet"}));
  BOOST_TEST(finished.code == 1);
  BOOST_TEST(finished.err == "The run directory 'out' holds a run already. Choose another with --out, or remove it.\n");
  BOOST_TEST(text_of(scratch.folder / "out/metrics.jsonl") == metrics);
  BOOST_TEST(scratch.ending("run.lock").empty());

  const std::filesystem::path lock = scratch.write("busy/run.lock", "");
  const int file = ::open(lock.c_str(), O_RDWR | O_CLOEXEC);
  BOOST_REQUIRE(::flock(file, LOCK_EX | LOCK_NB) == 0);
  const Outcome busy = run(scratch.folder, train("baseline", {"--out", "busy", "--quiet"}));
  BOOST_TEST(busy.code == 1);
  BOOST_TEST(
      busy.err ==
      "The run directory 'busy' is in use by another run. Wait for it, or choose another directory with --out.\n");
  ::close(file);
  // A lock file that nobody holds is left over from a run that was killed.
  BOOST_TEST(run(scratch.folder, train("baseline", {"--out", "busy"})).code == 0);
}

BOOST_AUTO_TEST_CASE(places_that_cannot_be_written_are_told_before_the_training) {
  const Scratch scratch;
  scratch.write("file", "");
  const Outcome directory = run(scratch.folder, train("baseline", {"--out", "file/out", "--quiet"}));
  BOOST_TEST(directory.code == 1);
  BOOST_TEST(has(directory.err, "The run directory 'file/out' cannot be made: "));
  const Outcome trace = run(scratch.folder, train("baseline", {"--out", "out", "--trace", "no/trace.json", "--quiet"}));
  BOOST_TEST(trace.code == 1);
  BOOST_TEST(has(trace.err, "The trace could not be written to 'no/trace.json.partial'."));
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "out"));
}

BOOST_AUTO_TEST_CASE(a_step_that_fails_is_told_without_stack_frames) {
  const Scratch scratch;
  // Scores of seven and of three classes: only LibTorch sees that they do not go together.
  scratch.write("clash.yaml", "use: " + pipelines + R"(/methods/baseline.yaml
state: {small: {kind: network, backbone: tinynet, classes: 3}}
step:
  less: {node: forward, net: small, images: labeled.weak, after: seen}
  clash: {node: symmetric_kl, a: seen.logits, b: less.logits, after: less}
)");
  std::vector<std::string> arguments = train("baseline", {"--out", "out", "--quiet"});
  arguments[1] = "clash.yaml";
  const Outcome outcome = run(scratch.folder, arguments);
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.err, "error: step.clash (symmetric_kl) failed at epoch 1, step 1: "));
  BOOST_TEST(outcome.err.find("frame #") == std::string::npos);
  BOOST_TEST(scratch.ending(".partial").empty());
}

BOOST_AUTO_TEST_CASE(labels_beyond_the_classes_are_told_with_the_remedy) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, train("baseline", {"--out", "out", "--set", "classes=3", "--quiet"}));
  BOOST_TEST(outcome.code == 1);
  const std::string remedy =
      "classes (0 … 2). Set 'classes' and 'class_names' in the data file to those of the data set.";
  // The largest one before anything runs, then the first that the loss meets.
  BOOST_TEST(has(outcome.err, "faces.h5': There is a sample with the label 6, but there are 3 " + remedy));
  BOOST_TEST(has(outcome.err, "error: step.supervised (cross_entropy) failed at epoch 1, step "));
  BOOST_TEST(outcome.err.find("out of bounds") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_failed_run_leaves_what_it_reached) {
  const Scratch scratch;
  // The learning rate is below 0 in the fourth step.
  const Outcome outcome = run(scratch.folder, train("baseline", {"--out", "out", "--trace", "trace.json", "--quiet",
                                                                 "--set", "steps=6", "--set", "lr=1e-3*(3.5-step)"}));
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(outcome.err.starts_with("The run failed; what it reached is in out\n"));
  BOOST_TEST(has(outcome.err, "'lr' must be at least 0, but it is -5e-04 at epoch 1, step 4."));
  BOOST_TEST(lines_of(text_of(scratch.folder / "out/metrics.jsonl")).size() == 3u);
  BOOST_TEST(
      fergraph::read_safetensors(scratch.folder / "out/checkpoints/last/net.safetensors").contains("conv1.weight"));
  BOOST_TEST(std::filesystem::is_regular_file(scratch.folder / "out/checkpoints/last/adam.safetensors"));
  const std::string trace = text_of(scratch.folder / "trace.json");
  BOOST_TEST(nlohmann::json::accept(trace));
  BOOST_TEST(has(trace, "step.supervised"));
  BOOST_TEST(scratch.ending(".partial").empty());
  BOOST_TEST(scratch.ending("run.lock").empty());
}

BOOST_AUTO_TEST_CASE(what_a_failed_run_cannot_leave_does_not_hide_why_it_failed) {
  const Scratch scratch;
  scratch.write("out/checkpoints/last", "no folder");
  const Outcome outcome =
      run(scratch.folder,
          train("baseline", {"--out", "out", "--quiet", "--set", "steps=6", "--set", "lr=1e-3*(3.5-step)"}));
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(outcome.err.starts_with("The run failed, and not all that it reached could be written: "));
  BOOST_TEST(has(outcome.err, "'lr' must be at least 0, but it is -5e-04 at epoch 1, step 4."));
}

BOOST_AUTO_TEST_CASE(a_run_without_a_place_for_checkpoints_does_not_begin) {
  const Scratch scratch;
  scratch.write("out/checkpoints", "no folder");
  const Outcome outcome = run(scratch.folder, train("baseline", {"--out", "out", "--quiet", "--set", "steps=6"}));
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.err, "The folder 'out/checkpoints' cannot be made: "));
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_stop_the_run_and_name_the_samples) {
  const Scratch scratch;
  const Outcome outcome =
      run(scratch.folder, train("baseline", {"--out", "out", "--quiet", "--set", "steps=4", "--set", "lr=1e30"}));
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.err, "error: step.learn (optimize) failed at epoch 1, step 2: The loss is "));
  BOOST_TEST(has(outcome.err, "The first node above it whose numbers are not finite is step.seen (forward, "));
  BOOST_TEST(has(outcome.err, " The samples of the batches were labeled: "));
  BOOST_TEST(lines_of(text_of(scratch.folder / "out/metrics.jsonl")).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_step_whose_numbers_are_not_finite_can_be_skipped) {
  const Scratch scratch;
  // In the second step the temperature of the contrast is next to nothing.
  std::vector<std::string> arguments = {
      "--out", "out", "--quiet", "--set", "steps=4", "--set", "temperature=0.07*(step != 2) + 1e-300"};
  const Outcome stopped = run(scratch.folder, train("ada-cm", arguments));
  BOOST_TEST(stopped.code == 1);
  BOOST_TEST(has(stopped.err, "The first node above it whose numbers are not finite is step.contrast (info_nce, "));
  BOOST_TEST(has(stopped.err, "; unlabeled: "));
  arguments[1] = "skipping";
  arguments.insert(arguments.end(), {"--set", "on_nan=skip"});
  const Outcome skipped = run(scratch.folder, train("ada-cm", arguments));
  BOOST_TEST(skipped.code == 0);
  const std::vector<std::string> told = lines_of(skipped.err);
  BOOST_REQUIRE_EQUAL(told.size(), 1U);
  BOOST_TEST(told[0].starts_with("warning: Skipped: "));
  BOOST_TEST(has(told[0], "step.learn (optimize) failed at epoch 1, step 2: The loss is nan."));
  BOOST_TEST(has(skipped.out, "Steps of optimizers skipped, because their numbers were not finite: 1\n"));
}

BOOST_AUTO_TEST_CASE(a_run_without_room_leaves_no_directory) {
  const Scratch scratch;
  for (const std::vector<std::string>& out : {std::vector<std::string>{"--out", "out"}, std::vector<std::string>{}}) {
    std::vector<std::string> arguments = train("baseline", {"--quiet", "--set", "steps=100000000000000"});
    arguments.insert(arguments.end(), out.begin(), out.end());
    const Outcome outcome = run(scratch.folder, arguments);
    BOOST_TEST(outcome.code == 1);
    BOOST_TEST(has(outcome.err,
                   "The run needs about 30000 TB of disk at '" + (out.empty() ? "runs" : out[1]) + "', but only "));
    BOOST_TEST(!std::filesystem::exists(scratch.folder / "out"));
    BOOST_TEST(!std::filesystem::exists(scratch.folder / "runs"));
  }
}

BOOST_AUTO_TEST_CASE(interrupted_training_keeps_what_it_reached) {
  const Scratch scratch;
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string out = "out" + std::to_string(signal);
    Child child(scratch.folder, train("baseline", {"--out", out, "--set", "steps=1000000"}));
    const std::filesystem::path metrics = scratch.folder / out / "metrics.jsonl";
    const auto has_content = [&] {
      std::error_code error;
      const auto size = std::filesystem::file_size(metrics, error);
      return !error && size > 0;
    };
    BOOST_REQUIRE(child.until(has_content));
    child.send(signal);
    const Outcome outcome = child.wait();
    BOOST_TEST(outcome.code == 130);
    BOOST_TEST(has(outcome.err, "Interrupted; what was reached is in " + out + "\n"));
    BOOST_TEST(scratch.ending(".partial").empty());
    const fergraph::Blobs net = fergraph::read_safetensors(scratch.folder / out / "checkpoints/last/net.safetensors");
    BOOST_TEST(net.contains("conv1.weight"));
    const std::vector<std::string> lines = lines_of(text_of(metrics));
    BOOST_TEST(!lines.empty());
    for (const std::string& line : lines) BOOST_REQUIRE(nlohmann::json::accept(line));
  }
}

BOOST_AUTO_TEST_CASE(interrupted_drawing_of_photographs_stops) {
  const Scratch scratch;
  Child child(scratch.folder, {"synthesize", "many", "--train", "100000", "--quiet"});
  BOOST_REQUIRE(child.until([&] { return std::filesystem::exists(scratch.folder / "many/images/00000.jpg"); }));
  child.send(SIGINT);
  const Outcome outcome = child.wait();
  BOOST_TEST(outcome.code == 130);
  BOOST_TEST(outcome.err == "Interrupted.\n");
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "many/faces.csv"));
}

BOOST_AUTO_TEST_SUITE_END()
