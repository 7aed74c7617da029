#include <cstdio>

#include "cli/commands.hpp"
#include "cli/load_pipeline.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "report/graph_picture.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

struct GraphCommand {
  LoadOptions load;
  std::filesystem::path out;  // .dot or .svg; standard output (DOT) where empty
};

int draw(const GraphCommand& command, const Registry& registry) {
  const std::string dot = to_dot(load_pipeline(command.load, registry));
  if (command.out.empty()) {
    std::fputs(dot.c_str(), stdout);
    return 0;
  }
  const std::string kind = command.out.extension().string();
  if (kind != ".svg" && kind != ".dot" && kind != ".gv")
    throw RunError(
        "'" + command.out.string() +
        "' names no kind of drawing that is known here. Use .svg, or .dot and let Graphviz make others of it.");
  if (kind != ".svg") {
    write_whole(command.out, dot);
    return 0;
  }
  write_whole(command.out, svg_of(dot));
  return 0;
}

}  // namespace

void add_graph_command(CLI::App& app, Actions& actions) {
  auto graph = std::make_shared<GraphCommand>();
  CLI::App* command = app.add_subcommand("graph", "Draw a pipeline as DOT or SVG");
  add_load_options(*command, graph->load);
  command
      ->add_option("--out,-o", graph->out,
                   "FILE.svg (needs Graphviz) or FILE.dot; DOT to standard output where left out")
      ->type_name("FILE");
  add_manual(
      *command,
      {.about =
           "Draws streams, sections and states as boxes, every entry with its node, and what flows along the edges; "
           "dashed lines are reads and writes of states.",
       .writes = "The file of --out, or DOT to standard output.",
       .codes = {},
       .examples = {"fergraph graph pipelines/methods/ada-cm.yaml -o ada-cm.svg",
                    "fergraph graph pipelines/methods/ada-cm.yaml | dot -Tpng > ada-cm.png"}});
  actions.on(command, [graph](Surroundings& around) { return draw(*graph, around.registry()); });
}

}  // namespace fergraph
