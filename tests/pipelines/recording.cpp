// Parity packs that a run writes of itself.
#include "cli/pack.hpp"
#include "cli/replay_command.hpp"
#include "cli/run_command.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(recording, *boost::unit_test::fixture<SmallFaces>())

namespace {

RunCommand recorded_run(const std::filesystem::path& file, const std::filesystem::path& pack) {
  RunCommand command;
  command.load.file = file;
  command.load.settings = {"cache=" + (SmallFaces::folder / "faces.h5").string(),
                           "labels=14",
                           "epochs=2",
                           "steps=3",
                           "batch_labeled=6",
                           "batch_test=7"};
  const Tree root = load_document({file, {}, {}}).root;
  if (root.find("params")->find("batch_unlabeled")) command.load.settings.push_back("batch_unlabeled=6");
  if (root.find("params")->find("dropout")) command.load.settings.push_back("dropout=0");
  for (const Tree::Member& state : root.find("state")->members)
    for (const char* of_pixels : {"channels", "mean", "std"})
      if (state.value.find(of_pixels)) command.load.settings.push_back("state." + state.key + "." + of_pixels + "=~");
  command.out = SmallFaces::folder / "recorded" / file.stem();
  command.record = pack;
  command.seed = 7;
  command.quiet = true;
  return command;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_method_replays_what_was_recorded_of_it) {
  for (const std::filesystem::path& file : files_in("methods")) {
    BOOST_TEST_CONTEXT(file.filename().string()) {
      const std::filesystem::path pack = SmallFaces::folder / "recorded.h5";
      BOOST_TEST(run_command(recorded_run(file, pack), registry(), {}) == 0);
      BOOST_TEST(!std::filesystem::exists(pack.string() + ".part"));
      ReplayCommand replay;
      replay.pack = pack;
      replay.pipelines = pipelines;
      BOOST_TEST(replay_command(replay, registry(), {}) == 0);
      const Pack recorded(pack);
      BOOST_TEST(recorded.integer("epochs") == 2);
      BOOST_TEST(recorded.has("/expect/2/3/loss.total"));
      BOOST_TEST(recorded.has("/expect/2/end/test.accuracy"));
      std::filesystem::remove(pack);
    }
  }
}

BOOST_AUTO_TEST_CASE(dropout_is_refused_before_the_run) {
  RunCommand command = recorded_run(pipelines / "methods/ada-cm.yaml", SmallFaces::folder / "dropout.h5");
  command.load.settings.emplace_back("dropout=0.5");
  BOOST_CHECK_EXCEPTION(run_command(command, registry(), {}), RunError, [](const RunError& error) {
    return std::string(error.what()) ==
           "The network 'net' has dropout, whose draws no pack holds. Record with --set state.net.dropout=0.";
  });
  BOOST_TEST(!std::filesystem::exists(SmallFaces::folder / "dropout.h5"));
  BOOST_TEST(!std::filesystem::exists(SmallFaces::folder / "dropout.h5.part"));
}

BOOST_AUTO_TEST_CASE(preprocessing_is_refused) {
  RunCommand command;
  command.load.file = pipelines / "faces/demo.yaml";
  command.record = SmallFaces::folder / "faces-pack.h5";
  BOOST_CHECK_THROW(run_command(command, registry(), {}), RunError);
}

BOOST_AUTO_TEST_SUITE_END()
