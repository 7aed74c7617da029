// `fergraph run RUN/pipeline.yaml` repeats a run to the bit: in another process, for any number of stream threads.
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

namespace {

// All that a run's numbers decide, by file.
std::map<std::string, std::string> results_of(const std::filesystem::path& run) {
  std::map<std::string, std::string> results = {{"metrics.jsonl", text_of(run / "metrics.jsonl")}};
  for (const char* folder : {"checkpoints/last", "predictions"})
    for (const auto& entry : std::filesystem::directory_iterator(run / folder))
      results[std::string(folder) + "/" + entry.path().filename().string()] = text_of(entry.path());
  return results;
}

void repeats_to_the_bit(const std::string& method) {
  const Scratch scratch;
  BOOST_TEST_CONTEXT(method) {
    const Outcome first =
        run(scratch.folder,
            train(method, {"--out", "first", "--quiet", "--seed", "7", "--threads", "1", "--compute-threads", "1"}));
    BOOST_REQUIRE_EQUAL(first.code, 0);
    const auto repeat = [&](const std::string& threads) {
      return std::vector<std::string>{"run", "first/pipeline.yaml", "--out", threads, "--threads", threads};
    };
    const auto wanted = results_of(scratch / "first");
    BOOST_TEST(wanted.size() >= 6U);
    for (const std::string threads : {"2", "4"}) {
      const Outcome again = run(scratch.folder, repeat(threads));
      BOOST_TEST(again.code == 0);
      BOOST_TEST(again.err.starts_with("Repeating first: seed 7, 1 compute threads, lanes 1, cpu.\n"));
      const auto got = results_of(scratch / threads);
      BOOST_REQUIRE_EQUAL(got.size(), wanted.size());
      for (const auto& [name, bytes] : wanted) BOOST_TEST((got.at(name) == bytes), name);
      BOOST_TEST(nlohmann::json::parse(text_of(scratch / threads / "provenance.json"))["seed"] == 7);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(repeating, *boost::unit_test::fixture<SmallCache>())

BOOST_AUTO_TEST_CASE(methods_repeat_to_the_bit) {
  for (const char* method : {"ada-cm", "pt", "asm", "resup", "lion"}) repeats_to_the_bit(method);
}

BOOST_AUTO_TEST_CASE(what_is_asked_for_is_not_as_it_was) {
  const Scratch scratch;
  BOOST_REQUIRE_EQUAL(run(scratch.folder, train("asm", {"--out", "first", "--quiet", "--seed", "7", "--lanes", "2",
                                                        "--compute-threads", "1"}))
                          .code,
                      0);
  const Outcome asked = run(scratch.folder, {"run", "first/pipeline.yaml", "--out", "asked", "--seed", "8", "--lanes",
                                             "1", "--compute-threads", "2"});
  BOOST_TEST(asked.code == 0);
  BOOST_TEST(has(asked.err, "Repeating first: seed 8, 2 compute threads, lanes 1, cpu.\n"));
  BOOST_TEST(has(asked.err, "  seed was 7 and is 8\n"));
  BOOST_TEST(has(asked.err, "  compute_threads was 1 and is 2\n"));
  BOOST_TEST(has(asked.err, "  lanes was 2 and is 1\n"));
  const Outcome as_it_was = run(scratch.folder, {"run", "first/pipeline.yaml", "--out", "again"});
  BOOST_TEST(has(as_it_was.err, "Repeating first: seed 7, 1 compute threads, lanes 2, cpu.\n"));
  BOOST_TEST(!has(as_it_was.err, "warning: "));
  // A file of the name that is not a run's is run as any other.
  scratch.write("own/pipeline.yaml", text_of(scratch / "first/pipeline.yaml"));
  const Outcome own = run(scratch.folder, {"run", "own/pipeline.yaml", "--out", "one"});
  BOOST_TEST(own.code == 0);
  BOOST_TEST(own.err.find("Repeating") == std::string::npos);
  BOOST_TEST(nlohmann::json::parse(text_of(scratch / "one/provenance.json"))["seed"] == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(repeating_peers, *boost::unit_test::fixture<SmallCache>())

BOOST_AUTO_TEST_CASE(methods_to_compare_with_repeat_to_the_bit) {
  for (const char* method : {"baseline", "fixmatch", "flexmatch", "mean-teacher", "mixmatch", "uda", "pseudo-label"})
    repeats_to_the_bit(method);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(repeating_noisy, *boost::unit_test::fixture<SmallCache>())

BOOST_AUTO_TEST_CASE(methods_for_noisy_labels_and_variants_repeat_to_the_bit) {
  for (const char* method : {"co-teaching", "jocor", "eac", "mix-train", "ada-cm.released", "lion.released",
                             "resup.released", "pseudo-label.offline", "uda.released"})
    repeats_to_the_bit(method);
}

BOOST_AUTO_TEST_SUITE_END()
