// `fergraph weights`.
#include "tests/cli/child.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(weights_command)

namespace {
const std::string checkpoints = (source_folder / "tests/packs/checkpoints").string();
}

BOOST_AUTO_TEST_CASE(import_and_show) {
  const Scratch scratch;
  const Outcome imported =
      run(scratch.folder, {"weights", "import", checkpoints + "/nested.pt", "-o", "n.safetensors"});
  BOOST_TEST(imported.code == 0);
  BOOST_TEST(imported.out ==
             "The state dict stands under 'state_dict'.\n"
             "Left out, as they are no tensors: 'version'.\n"
             "8 arrays, 80 bytes are in n.safetensors\n");
  const std::string list =
      "first.bias                F32  [2]\n"
      "first.weight              F32  [2, 2]\n"
      "norm.bias                 F32  [2]\n"
      "norm.num_batches_tracked  I64  []\n"
      "norm.running_mean         F32  [2]\n"
      "norm.running_var          F32  [2]\n"
      "norm.weight               F32  [2]\n"
      "tied                      F32  [2, 2]\n";
  const Outcome shown = run(scratch.folder, {"weights", "show", "n.safetensors"});
  BOOST_TEST(shown.out == list + "8 arrays, 80 bytes\n");
  BOOST_TEST(run(scratch.folder, {"weights", "show", checkpoints + "/nested.pt"}).out.starts_with(list));
}

BOOST_AUTO_TEST_CASE(a_key_chooses) {
  const Scratch scratch;
  const Outcome shown = run(scratch.folder, {"weights", "show", checkpoints + "/parts.pt", "--key", "head.a"});
  BOOST_TEST(shown.out.starts_with("weight  F32  [3]\n"));
}

BOOST_AUTO_TEST_CASE(refusals) {
  const Scratch scratch;
  scratch.write("evil.pt", std::string("\x80\x02", 2) + "cposix\nsystem\nU\x0ctouch owned!\x85R.");
  const Outcome evil = run(scratch.folder, {"weights", "import", "evil.pt", "-o", "evil.safetensors"});
  BOOST_TEST(evil.code == 1);
  BOOST_TEST(
      evil.err ==
      "Cannot read 'evil.pt': at byte 2 stands the class or function 'posix.system', which is none of those that "
      "tensors and state dicts are made of; it was not called. Load the file in a Python that trusts it and save "
      "its state dict alone: torch.save(model.state_dict(), FILE).\n");
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "evil.safetensors"));
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "owned!"));
  scratch.write("page.pt", "<html></html>");
  const Outcome page = run(scratch.folder, {"weights", "import", "page.pt", "-o", "x.safetensors"});
  BOOST_TEST(page.code == 1);
  BOOST_TEST(
      page.err ==
      "'page.pt' is no checkpoint of PyTorch: it begins neither like a zip file nor like a pickle, or is absent. A "
      "safetensors file needs no import.\n");
  BOOST_TEST(run(scratch.folder, {"weights"}).code == 2);
}

BOOST_AUTO_TEST_SUITE_END()
