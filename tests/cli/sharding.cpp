// Large caches: shards that several processes write, that survive a kill, and that are the same bytes all the same.
#include "cache/reader.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(sharding, *boost::unit_test::fixture<SmallPhotographs>())

namespace {

// The suite's 56 photographs into shards of 20 in `faces`.
std::vector<std::string> sharded(std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"run", pipelines + "/faces/demo.yaml", "--set"};
  arguments.push_back("photographs=" + (small_faces() / "photographs").string());
  for (const char* word : {"--set", "cache=faces", "--set", "streams.faces.cache.shard=20"}) arguments.push_back(word);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const std::vector<std::string> shard_names = {"00000-of-00003.h5", "00001-of-00003.h5", "00002-of-00003.h5"};

// The bytes of all shards, and nothing else in the folder.
std::vector<std::string> bytes_of(const Scratch& scratch) {
  std::vector<std::string> bytes;
  for (const std::string& name : shard_names) bytes.push_back(text_of(scratch / "faces" / name));
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(scratch / "faces"), {}) == 3);
  for (const std::string& each : bytes) BOOST_TEST(!each.empty());
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_CASE(processes_share_the_shards) {
  const Scratch alone, shared;
  const Outcome whole = run(alone.folder, sharded());
  BOOST_TEST(whole.code == 0);
  BOOST_TEST(has(whole.out, "faces: 56 samples, 0 void, "));

  const Outcome second = run(shared.folder, sharded({"--shard", "1/2"}));
  BOOST_TEST(has(second.err, "This is process 1 of 2, counted from 0 (as --shard says)."));
  BOOST_TEST(has(second.out, "faces: 20 of 56 samples, 0 void, "));
  const Outcome first = run(shared.folder, sharded({"--shard", "0/2"}));
  BOOST_TEST(has(first.out, "faces: 36 of 56 samples, 0 void, "));
  BOOST_TEST(bytes_of(shared) == bytes_of(alone));

  const fergraph::FaceCache cache(shared / "faces");
  BOOST_TEST(cache.size() == 56);
  for (std::int64_t i = 0; i < cache.size(); ++i) BOOST_TEST(cache.row(i) == i);
  BOOST_TEST(run(shared.folder, sharded({"--shard", "1/2"})).out ==
             "The share of this process is up to date; nothing to do.\n");
  BOOST_TEST(run(shared.folder, sharded()).out == "Everything is up to date; nothing to do.\n");
}

BOOST_AUTO_TEST_CASE(a_launcher_shares_the_work) {
  if (std::system("mpirun --version > /dev/null 2>&1") != 0) {
    BOOST_TEST_MESSAGE("Skipped: there is no mpirun (Debian's openmpi-bin).");
    return;
  }
  const Scratch alone, shared;
  BOOST_TEST(run(alone.folder, sharded()).code == 0);
  std::string command =
      "cd '" + shared.folder.string() +
      "' && OMP_WAIT_POLICY=passive mpirun --allow-run-as-root --oversubscribe -n 2 '" FERGRAPH_PROGRAM "'";
  for (const std::string& word : sharded({"--quiet"})) command += " '" + word + "'";
  BOOST_TEST(std::system((command + " > out.txt 2> err.txt").c_str()) == 0);
  const std::string out = text_of(shared / "out.txt");
  BOOST_TEST(has(out, "faces: 36 of 56 samples, 0 void, "));
  BOOST_TEST(has(out, "faces: 20 of 56 samples, 0 void, "));
  BOOST_TEST(bytes_of(shared) == bytes_of(alone));
}

BOOST_AUTO_TEST_CASE(what_is_lost_is_made_again_and_nothing_else) {
  const Scratch scratch;
  BOOST_TEST(run(scratch.folder, sharded()).code == 0);
  const std::vector<std::string> before = bytes_of(scratch);
  const auto untouched = std::filesystem::last_write_time(scratch / "faces" / shard_names[0]);
  std::filesystem::remove(scratch / "faces" / shard_names[1]);
  scratch.write("faces/" + shard_names[2], "cut short");
  scratch.write("faces/" + shard_names[1] + ".partial", "what a killed process leaves");
  const Outcome again = run(scratch.folder, sharded());
  BOOST_TEST(again.code == 0);
  BOOST_TEST(has(again.err, "The cache 'faces' goes on: 1 of 3 shards are there."));
  BOOST_TEST(has(again.out, "faces: 36 of 56 samples, 0 void, "));
  BOOST_TEST(bytes_of(scratch) == before);
  BOOST_TEST((std::filesystem::last_write_time(scratch / "faces" / shard_names[0]) == untouched));
}

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_goes_on) {
  const Scratch alone, killed;
  BOOST_TEST(run(alone.folder, sharded()).code == 0);
  for (const std::string& name : shard_names) {
    Child child(killed.folder, sharded({"--threads", "1"}));
    child.until([&] { return std::filesystem::exists(killed / "faces" / name); });
    child.send(SIGKILL);
    child.wait();
  }
  BOOST_TEST(run(killed.folder, sharded()).code == 0);
  BOOST_TEST(bytes_of(killed) == bytes_of(alone));
}

BOOST_AUTO_TEST_CASE(shards_are_trained_on_like_one_file) {
  const Scratch scratch;
  BOOST_TEST(run(scratch.folder, sharded()).code == 0);
  const Outcome trained =
      run(scratch.folder, {"run", pipelines + "/methods/baseline.yaml", "--set", "cache=faces", "--set", "labels=14",
                           "--set", "epochs=1", "--set", "steps=2", "--set", "batch_labeled=4", "--set", "batch_test=7",
                           "--set", "lr=1e-3", "--out", "run"});
  BOOST_TEST(trained.code == 0);
  const Outcome info = run(scratch.folder, {"cache", "info", "faces"});
  BOOST_TEST(info.code == 0);
  BOOST_TEST(info.out.starts_with("56 faces of 32x32, 0 voids, in 3 shards\n"));
  BOOST_TEST(run(scratch.folder, {"cache", "verify", "faces"}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_share_that_is_none) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, sharded({"--shard", "2/2"}));
  BOOST_TEST(outcome.code == 2);
  BOOST_TEST(has(outcome.err, "a share is INDEX/COUNT with 0 <= INDEX < COUNT, such as 1/4, and not 2/2."));
}

BOOST_AUTO_TEST_SUITE_END()
