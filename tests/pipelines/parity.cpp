// The wirings against independent implementations: the packs of this repository (tests/packs/make_packs.py), and every
// pack of the folder `shared` beside it, where that is.
#include "cli/commands.hpp"
#include "cli/pack.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

// A method with packs of both the paper and the released code has the paper's wiring under its plain name.
bool has_wiring(const std::filesystem::path& file) {
  const Pack pack(file);
  const std::filesystem::path methods = pipelines / "methods";
  const std::string method = pack.text("method");
  const std::string variant = pack.text("variant");
  if (std::filesystem::exists(methods / (method + "." + variant + ".yaml"))) return true;
  if (variant == "released" && std::filesystem::exists(file.parent_path() / (method + ".paper.h5"))) return false;
  return std::filesystem::exists(methods / (method + ".yaml"));
}

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

BOOST_AUTO_TEST_SUITE(parity)

BOOST_AUTO_TEST_CASE(the_packs_of_this_repository_pass) {
  for (const char* pack : {"tiny.h5", "flexmatch.h5", "uda.h5"})
    BOOST_TEST(replayed(source_folder / "tests/packs" / pack) == 0, pack);
}

BOOST_AUTO_TEST_CASE(every_pack_with_a_wiring_passes) {
  const std::filesystem::path folder = source_folder / "../shared/reference/parity";
  if (!std::filesystem::is_directory(folder)) {
    std::printf("There are no parity packs beside the repository: every case skipped.\n");
    return;
  }
  int wirings = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".h5") continue;
    if (!has_wiring(entry.path())) {
      std::printf("%s has no wiring yet: skipped.\n", entry.path().filename().c_str());
      continue;
    }
    BOOST_TEST(replayed(entry.path()) == 0, entry.path().filename().string());
    ++wirings;
  }
  BOOST_TEST(wirings > 0);
}

BOOST_AUTO_TEST_SUITE_END()
