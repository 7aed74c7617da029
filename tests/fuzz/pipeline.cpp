// Pipeline files over the toy nodes: a pipeline or a PipelineError, and what is read can be written and read again.
#include "tests/fuzz/input.hpp"
#include "tests/graph/toy_nodes.hpp"
#include "tests/memory_folder.hpp"

namespace {

using namespace fergraph;

void expect_same_again(const Tree& root) {
  const std::string text = to_yaml(root);
  try {
    fuzz::expect(parse_yaml(text, "again.yaml").same(root), ("it reads otherwise when written:\n" + text).c_str());
  } catch (const PipelineError& error) {
    fuzz::fail("what was written cannot be read: " + std::string(error.what()) + "\n" + text);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::MemoryFolder folder;
  static const Registry registry = toy::registry();
  const std::vector<std::string> files = fuzz::files_of(fuzz::text_of(data, size));
  try {
    LoadOptions options;
    options.file = folder.write("fuzzed.yaml", files[0]);
    if (files.size() > 1) options.data.push_back(folder.write("data.yaml", files[1]));
    if (files.size() > 2) options.settings.push_back(files[2]);
    const Document document = load_document(options);
    if (document.problems.empty()) expect_same_again(document.root);
    fuzz::expect(differences(document.root, document.root).empty(), "a document differs from itself");
    check_pipeline(document, registry);
  } catch (const PipelineError& error) {
    fuzz::expect(!error.problems().empty(), "an error tells no problem");
  }
  return 0;
}
