#include <algorithm>
#include <cstdio>

#include "cli/commands.hpp"
#include "cli/load_pipeline.hpp"

namespace fergraph {

int check_command(const LoadOptions& load, const Registry& registry) {
  const Pipeline pipeline = load_pipeline(load, registry);
  std::size_t nodes = 0;
  for (const StreamPlan& stream : pipeline.streams) nodes += stream.nodes.size();
  for (const SectionPlan& section : pipeline.sections) nodes += section.nodes.size();
  std::printf("%s is fine: %zu nodes in %zu streams and %zu sections, %zu states, %zu records.\n",
              load.file.string().c_str(), nodes, pipeline.streams.size(),
              static_cast<std::size_t>(std::count_if(pipeline.sections.begin(), pipeline.sections.end(),
                                                     [](const SectionPlan& s) { return !s.nodes.empty(); })),
              pipeline.states.size(), pipeline.records.size());
  return 0;
}

}  // namespace fergraph
