#include <algorithm>
#include <cstdio>

#include "cli/commands.hpp"
#include "cli/load_pipeline.hpp"
#include "cli/options.hpp"

namespace fergraph {
namespace {

int check(const LoadOptions& load, const Registry& registry) {
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

}  // namespace

void add_check_command(CLI::App& app, Actions& actions) {
  auto load = std::make_shared<LoadOptions>();
  CLI::App* command = app.add_subcommand("check", "Check a pipeline file and list all that is wrong with it");
  add_load_options(*command, *load);
  command->footer("Example:\n  fergraph check my-method.yaml --data pipelines/data/demo.yaml");
  actions.on(command, [load](Surroundings& around) { return check(*load, around.registry()); });
}

}  // namespace fergraph
