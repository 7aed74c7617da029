// The wirings against independent implementations: every pack of the folder `shared` beside the repository, where it
// is.
#include "cli/commands.hpp"
#include "cli/pack.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

bool has_wiring(const std::filesystem::path& file) {
  const Pack pack(file);
  const std::filesystem::path methods = pipelines / "methods";
  return std::filesystem::exists(methods / (pack.text("method") + "." + pack.text("variant") + ".yaml")) ||
         std::filesystem::exists(methods / (pack.text("method") + ".yaml"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parity)

BOOST_AUTO_TEST_CASE(every_pack_with_a_wiring_passes) {
  const std::filesystem::path folder = source_folder / "../shared/reference/parity";
  if (!std::filesystem::is_directory(folder)) {
    std::printf("There are no parity packs beside the repository: every case skipped.\n");
    return;
  }
  int replayed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".h5" || !has_wiring(entry.path())) continue;
    ReplayCommand command;
    command.pack = entry.path();
    command.pipelines = pipelines;
    BOOST_TEST(replay_command(command, registry(), {}) == 0, entry.path().filename().string());
    ++replayed;
  }
  BOOST_TEST(replayed > 0);
}

BOOST_AUTO_TEST_SUITE_END()
