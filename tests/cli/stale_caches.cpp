// Caches that are not what a run takes them for: refused before the run begins, with what differs and what to do.
#include <nlohmann/json.hpp>

#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(stale_caches, *boost::unit_test::fixture<SmallCache>())

namespace {

// Preprocesses the suite's photographs with the folder's faces.yaml.
std::vector<std::string> preprocess_again(std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"run", "data/faces.yaml", "--set",
                                        "photographs=" + (small_faces() / "photographs").string(), "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// A folder with faces.h5, data/faces.yaml that made it and data/mine.yaml that names both.
struct Study {
  explicit Study(const std::string& made_by = "faces.yaml", std::vector<std::string> settings = {}) {
    write_faces("");
    scratch.write("data/mine.yaml", "params:\n  cache: faces.h5\n  labeled: {cache: $cache, made_by: " + made_by +
                                        "}\n  test: {cache: $cache, made_by: " + made_by + "}\n");
    BOOST_REQUIRE_EQUAL(run(scratch.folder, preprocess_again(std::move(settings))).code, 0);
  }
  // The demo's preprocessing with something put over it.
  void write_faces(const std::string& over) const {
    scratch.write("data/faces.yaml", "use: " + pipelines + "/faces/demo.yaml\nparams: {cache: faces.h5}\n" + over);
  }
  Outcome train(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"run", pipelines + "/methods/baseline.yaml", "--data", "data/mine.yaml",
                                          "--quiet"};
    for (const std::string setting : {"labels=14", "epochs=1", "steps=2", "batch_labeled=4", "batch_test=7", "lr=1e-3"})
      arguments.insert(arguments.end(), {"--set", setting});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(scratch.folder, arguments);
  }
  void refused(const std::string& message) const {
    const Outcome outcome = train();
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(has(outcome.err, message));
    BOOST_TEST(!has(outcome.err, "2 errors."));
    BOOST_TEST(!std::filesystem::exists(scratch / "runs/baseline"));
  }

  Scratch scratch;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_cache_that_its_file_would_make_so_is_trained_on) {
  const Study study;
  BOOST_TEST(study.train({"--out", "out"}).code == 0);
  // The resolved file lies elsewhere and names the preprocessing file all the same.
  BOOST_TEST(has(text_of(study.scratch / "out/pipeline.yaml"), "made_by: data/faces.yaml"));
  const Outcome again = run(study.scratch.folder, {"run", "out/pipeline.yaml", "--out", "again", "--quiet"});
  BOOST_TEST(again.code == 0);
  BOOST_TEST(again.err == "");
  BOOST_TEST((text_of(study.scratch / "again/pipeline.yaml") == text_of(study.scratch / "out/pipeline.yaml")));
}

BOOST_AUTO_TEST_CASE(another_parameter_of_a_node_is_told) {
  const Study study;
  study.write_faces("streams:\n  faces:\n    face: {size: 40}\n");
  study.refused(
      "data/mine.yaml:3:37: error: The cache 'faces.h5' is stale: 'data/faces.yaml' would make it otherwise.\n"
      "  face: {node: align_landmarks, image: pixels.image, landmarks: photo.landmarks, size: 32} in the cache, {node: "
      "align_landmarks, image: pixels.image, landmarks: photo.landmarks, size: 40} wanted.\n");
  study.refused(
      "\nMake it again: fergraph run data/faces.yaml\nOr say with which parameters it is meant: made_by: "
      "{file: data/faces.yaml, set: {NAME: VALUE}}\n");
  // The remedy, followed.
  BOOST_TEST(run(study.scratch.folder, preprocess_again()).code == 0);
  BOOST_TEST(study.train().code == 0);
}

BOOST_AUTO_TEST_CASE(what_was_set_when_it_was_made_is_told) {
  const Study study("faces.yaml", {"--set", "size=40"});
  study.refused("size: 40} in the cache, ");
  study.refused("\nIt was made with photographs=" + (small_faces() / "photographs").string() +
                " (demo/photographs in the file), size=40 (32 in the file).\n");
}

BOOST_AUTO_TEST_CASE(settings_may_be_part_of_the_wish) {
  const Study study("{file: faces.yaml, set: {size: 40}}", {"--set", "size=40"});
  BOOST_TEST(study.train({"--out", "out"}).code == 0);
  BOOST_TEST(has(text_of(study.scratch / "out/pipeline.yaml"), "made_by: {file: data/faces.yaml, set: {size: 40}}"));
  BOOST_TEST(run(study.scratch.folder, preprocess_again({"--set", "size=48"})).code == 0);
  const Outcome stale = study.train();
  BOOST_TEST(stale.code == 2);
  BOOST_TEST(has(stale.err, "\nMake it again: fergraph run data/faces.yaml --set size=40\n"));
}

BOOST_AUTO_TEST_CASE(another_codec_is_told) {
  const Study study;
  study.write_faces("streams:\n  faces:\n    cache: {codec: jpeg, quality: 90}\n");
  study.refused("\n  codec: absent from the cache, jpeg of quality 90 wanted.\n");
  BOOST_TEST(run(study.scratch.folder, preprocess_again()).code == 0);
  BOOST_TEST(study.train().code == 0);
}

BOOST_AUTO_TEST_CASE(other_labels_are_told_and_other_places_are_not) {
  const Study study;
  study.scratch.write("data/faces.yaml",
                      "use: " + pipelines + "/faces/demo.yaml\nparams: {cache: faces.h5, photographs: /elsewhere}\n");
  BOOST_TEST(study.train({"--out", "out"}).code == 0);
  study.write_faces("streams:\n  faces:\n    photo: {aliases: {joy: happiness}}\n");
  study.refused("\n  photo.aliases: {} in the cache, {joy: happiness} wanted.\n");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_compared) {
  const Study study;
  study.scratch.write("data/faces.yaml", "use: " + pipelines + "/methods/baseline.yaml\n");
  study.refused("'data/faces.yaml' makes no face cache: none of its streams ends with write_cache.");
  std::filesystem::remove(study.scratch / "data/faces.yaml");
  study.refused(
      "There is no preprocessing file 'faces.yaml', which the cache 'faces.h5' is to be made by. Paths of 'made_by' "
      "begin at the folder of the file that names them, or at the working directory; correct the path.");
  study.write_faces("");
  std::filesystem::rename(study.scratch / "faces.h5", study.scratch / "other.h5");
  study.refused("The cache 'faces.h5' does not exist. Make it: fergraph run data/faces.yaml\n");
  const Outcome other = study.train({"--set", "cache=another.h5"});
  BOOST_TEST(has(other.err, "Make it: fergraph run data/faces.yaml --set cache=another.h5\n"));
}

BOOST_AUTO_TEST_CASE(a_run_is_not_repeated_on_other_faces) {
  const Study study;
  BOOST_TEST(study.train({"--out", "out"}).code == 0);
  study.write_faces("streams:\n  faces:\n    face: {size: 40}\n");
  BOOST_TEST(run(study.scratch.folder, preprocess_again()).code == 0);
  const Outcome again = run(study.scratch.folder, {"run", "out/pipeline.yaml", "--out", "again", "--quiet"});
  BOOST_TEST(again.code == 1);
  BOOST_TEST(
      again.err.starts_with("The run that 'out/provenance.json' tells of had other faces, so it cannot be "
                            "repeated or go on:\nThe cache 'faces.h5' was "));
  BOOST_TEST(has(again.err,
                 "\n  face: {node: align_landmarks, image: pixels.image, landmarks: photo.landmarks, size: "
                 "32} before, {node: align_landmarks, "));
  BOOST_TEST(has(again.err,
                 "\nMake the cache as it was, give another with --set, or copy pipeline.yaml to another "
                 "folder and run it there as a run of its own.\n"));
  BOOST_TEST(!std::filesystem::exists(study.scratch / "again"));
  study.scratch.write("elsewhere/pipeline.yaml", text_of(study.scratch / "out/pipeline.yaml"));
  BOOST_TEST(run(study.scratch.folder, {"run", "elsewhere/pipeline.yaml", "--out", "again", "--quiet"}).code == 0);
}

BOOST_AUTO_TEST_CASE(shards_that_are_missing_or_of_other_settings_are_not_trained_on) {
  const Scratch scratch;
  const auto preprocess = [&](const std::string& cache, const std::string& size) {
    return run(scratch.folder, {"run", pipelines + "/faces/demo.yaml", "--quiet", "--set",
                                "photographs=" + (small_faces() / "photographs").string(), "--set", "cache=" + cache,
                                "--set", "size=" + size, "--set", "streams.faces.cache.shard=20"})
        .code;
  };
  BOOST_REQUIRE_EQUAL(preprocess("faces", "32"), 0);
  BOOST_REQUIRE_EQUAL(preprocess("others", "40"), 0);
  const auto refused = [&](const std::string& message) {
    const Outcome outcome = run(scratch.folder, train("baseline", {"--set", "cache=faces", "--quiet"}));
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(has(outcome.err, message));
  };
  const auto overwrite = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(scratch / "others/00001-of-00003.h5", scratch / "faces/00001-of-00003.h5", overwrite);
  refused(
      "The face cache 'faces' has shards that were made with other settings: '00001-of-00003.h5' differs from "
      "'00000-of-00003.h5'. face: {node: align_landmarks, ");
  const fergraph::test::Outcome verified = run(scratch.folder, {"cache", "verify", "faces", "-q"});
  BOOST_TEST(verified.code == 1);
  BOOST_TEST(verified.out.starts_with("other settings: 00001-of-00003.h5 face: "));
  for (const char* name : {"00001-of-00003.h5", "00002-of-00003.h5"}) std::filesystem::remove(scratch / "faces" / name);
  refused(
      "The face cache 'faces' has 1 of its 3 shards; missing are '00001-of-00003.h5', '00002-of-00003.h5': run its "
      "preprocessing file again, which goes on where it stopped.");
}

BOOST_AUTO_TEST_SUITE_END()
