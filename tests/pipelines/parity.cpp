// The wirings against independent implementations: the packs of this repository (tests/packs/make_packs.py), and every
// pack of the folder `shared` beside it, where that is.
#include "cli/pack.hpp"
#include "cli/replay_command.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(parity)

namespace {

// The exit code, with an error told as a failure of this pack alone.
int replayed(const std::filesystem::path& pack) {
  ReplayCommand command;
  command.pack = pack;
  command.pipelines = pipelines;
  try {
    return replay_command(command, registry(), {});
  } catch (const std::exception& error) {
    BOOST_TEST_MESSAGE(pack.filename().string() << ": " << error.what());
    return 1;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_packs_of_this_repository_pass) {
  for (const char* pack : {"tiny.h5", "flexmatch.h5", "uda.h5"})
    BOOST_TEST(replayed(source_folder / "tests/packs" / pack) == 0, pack);
}

BOOST_AUTO_TEST_CASE(every_pack_passes) {
  const std::filesystem::path folder = source_folder / "../shared/reference/parity";
  if (!std::filesystem::is_directory(folder)) {
    std::printf("There are no parity packs beside the repository: every case skipped.\n");
    return;
  }
  int packs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".h5") continue;
    BOOST_TEST(replayed(entry.path()) == 0, entry.path().filename().string());
    ++packs;
  }
  BOOST_TEST(packs > 0);
}

BOOST_AUTO_TEST_SUITE_END()
