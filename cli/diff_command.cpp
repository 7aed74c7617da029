#include <cstdio>

#include "cli/commands.hpp"
#include "graph/document.hpp"

namespace fergraph {

int diff_command(const std::filesystem::path& first, const std::filesystem::path& second) {
  const Document a = load_document({first, {}, {}});
  const Document b = load_document({second, {}, {}});
  for (const Document* each : {&a, &b})
    if (!each->problems.empty()) throw PipelineError(each->problems);
  const std::vector<Difference> all = differences(a.root, b.root);
  if (all.empty()) std::printf("The two files mean the same.\n");
  for (const Difference& each : all) {
    std::printf("%s\n", each.where.c_str());
    if (!each.first.empty()) std::printf("  - %s\n", each.first.c_str());
    if (!each.second.empty()) std::printf("  + %s\n", each.second.c_str());
  }
  return 0;
}

}  // namespace fergraph
