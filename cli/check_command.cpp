#include <algorithm>
#include <cstdio>

#include "cli/commands.hpp"
#include "cli/load_pipeline.hpp"
#include "cli/manual.hpp"
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
  add_manual(
      *command,
      {.about = "Reads the file with all that it uses and compares every entry with the contracts of its node: names, "
                "types, shapes, limits, formulas, references. Nothing is read of the data, and nothing is run.",
       .writes = "To standard output one line where the file is fine; else to standard error every mistake with "
                 "file:line:column, what was expected and what comes nearest.",
       .codes = {{0, "fine"}, {2, "wrong usage, or mistakes in the file"}},
       .examples = {"fergraph check pipelines/methods/ada-cm.yaml",
                    "fergraph check my-method.yaml --data pipelines/data/demo.yaml"}});
  actions.on(command, [load](Surroundings& around) { return check(*load, around.registry()); });
}

}  // namespace fergraph
