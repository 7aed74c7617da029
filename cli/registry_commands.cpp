// What nodes and states there are: `nodes` for people, `schema` for editors.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/nodes_reference.hpp"
#include "graph/pipeline.hpp"

namespace fergraph {

namespace {

void print_parameters(const std::vector<ParameterInfo>& parameters) {
  for (const ParameterInfo& each : parameters) {
    std::string limits;
    for (const Limit& limit : each.limits) limits += "; must " + limit.text;
    std::printf("  %-16s %s (%s%s%s)\n", each.name.c_str(), each.doc.c_str(), each.type.c_str(),
                each.is_required ? ", required" : (", default " + each.default_text).c_str(), limits.c_str());
  }
}

void print_node(const NodeType& node) {
  std::printf("%s: %s\n", node.name.c_str(), node.doc.c_str());
  if (!node.details.empty()) std::printf("\n%s\n", node.details.c_str());
  if (!node.inputs.empty()) std::printf("\nInputs\n");
  for (const InputPort& port : node.inputs)
    std::printf("  %-16s %s, %s%s%s\n", port.name.c_str(), port.shape.c_str(), port.doc.c_str(),
                port.is_optional ? " (optional)" : "",
                port.is_weighted ? " (a map from references to weights)"
                : port.is_list   ? " (one or a list)"
                : port.is_view   ? " (a whole stream)"
                                 : "");
  if (!node.states.empty()) std::printf("\nStates\n");
  for (const StatePort& port : node.states)
    std::printf("  %-16s %s, %s (%s)%s\n", port.name.c_str(), port.kind_doc.c_str(), port.doc.c_str(),
                port.access_depends            ? "read, or written as the parameters say"
                : port.access == Access::write ? "written"
                                               : "read",
                port.is_optional ? " (optional)" : "");
  if (!node.parameters.empty()) std::printf("\nParameters\n");
  print_parameters(node.parameters);
  if (!node.outputs.empty()) std::printf("\nOutputs\n");
  for (const OutputPort& port : node.outputs)
    std::printf("  %-16s %s, %s%s\n", port.name.c_str(), port.shape.c_str(), port.doc.c_str(),
                port.part ? (" (in parts: " + port.name + "[i])").c_str() : "");
}

nlohmann::ordered_json parameter_schema(const ParameterInfo& info) {
  nlohmann::ordered_json schema = {
      {"description", info.doc + (info.is_required ? " (required)" : " (default " + info.default_text + ")")}};
  if (info.words.empty()) return schema;
  // A word such as torchscript:FILE stands for all that begin with it.
  std::vector<std::string> words;
  std::string beginnings = "^\\$";
  for (const std::string& word : info.words) {
    const std::size_t colon = word.find(':');
    if (colon == std::string::npos)
      words.push_back(word);
    else
      beginnings += "|^" + word.substr(0, colon + 1);
  }
  schema["anyOf"] = {{{"enum", words}}, {{"type", "string"}, {"pattern", beginnings}}};
  return schema;
}

int tell_nodes(const std::string& name, const Registry& registry) {
  if (name.empty()) {
    std::printf("Nodes\n");
    for (const auto& node : registry.nodes()) std::printf("  %-22s %s\n", node->name.c_str(), node->doc.c_str());
    std::printf("  %-22s %s\n", "batch", "Closes a stream: puts its samples into batches.");
    std::printf("\nKinds of state\n");
    for (const auto& state : registry.states()) std::printf("  %-22s %s\n", state->name.c_str(), state->doc.c_str());
    return 0;
  }
  if (name == "batch") {
    std::printf("batch: Closes a stream: puts its samples into batches.\n\nParameters\n  %-16s %s\n", "items",
                "names of the batch's items and the outputs they come from (required)");
    print_parameters(batch_parameters());
    return 0;
  }
  if (const auto node = registry.find_node(name)) {
    print_node(*node);
    return 0;
  }
  if (const auto state = registry.find_state(name)) {
    std::printf("%s: %s\n", state->name.c_str(), state->doc.c_str());
    if (!state->links.empty()) std::printf("\nStates\n");
    for (const StateLink& link : state->links)
      std::printf("  %-16s %s%s\n", link.name.c_str(), link.doc.c_str(), link.is_optional ? " (optional)" : "");
    if (!state->parameters.empty()) std::printf("\nParameters\n");
    print_parameters(state->parameters);
    return 0;
  }
  std::vector<std::string> known = registry.node_names();
  for (const std::string& each : registry.state_names()) known.push_back(each);
  std::fprintf(stderr, "There is no node or kind of state '%s'. `fergraph nodes` lists all.%s\n", name.c_str(),
               did_you_mean(name, known).c_str());
  return 2;
}

int print_schema(const Registry& registry) {
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const auto& node : registry.nodes()) {
    nlohmann::ordered_json properties = {
        {"node", {{"const", node->name}, {"description", node->doc}}},
        {"when", {{"description", "runs only where this formula over the clock is not 0"}}},
        {"after", {{"type", "string"}}}};
    for (const InputPort& port : node->inputs) properties[port.name] = {{"description", port.shape + ", " + port.doc}};
    for (const StatePort& port : node->states) properties[port.name] = {{"description", "state: " + port.doc}};
    for (const ParameterInfo& info : node->parameters) properties[info.name] = parameter_schema(info);
    nodes.push_back({{"if", {{"properties", {{"node", {{"const", node->name}}}}}, {"required", {"node"}}}},
                     {"then", {{"properties", properties}, {"additionalProperties", false}}}});
  }
  nlohmann::ordered_json batch = {
      {"node", {{"const", "batch"}, {"description", "Closes a stream: puts its samples into batches."}}},
      {"items", {{"type", "object"}, {"description", "names of the batch's items and the outputs they come from"}}},
      {"after", {{"type", "string"}}}};
  for (const ParameterInfo& info : batch_parameters()) batch[info.name] = parameter_schema(info);
  nodes.push_back({{"if", {{"properties", {{"node", {{"const", "batch"}}}}}, {"required", {"node"}}}},
                   {"then", {{"properties", batch}, {"additionalProperties", false}}}});
  nlohmann::ordered_json states = nlohmann::ordered_json::array();
  for (const auto& state : registry.states()) {
    nlohmann::ordered_json properties = {{"kind", {{"const", state->name}, {"description", state->doc}}}};
    for (const StateLink& link : state->links) properties[link.name] = {{"description", "state: " + link.doc}};
    for (const ParameterInfo& info : state->parameters) properties[info.name] = parameter_schema(info);
    states.push_back({{"if", {{"properties", {{"kind", {{"const", state->name}}}}}, {"required", {"kind"}}}},
                      {"then", {{"properties", properties}, {"additionalProperties", false}}}});
  }
  const nlohmann::ordered_json section = {{"type", "object"}, {"additionalProperties", {{"$ref", "#/$defs/node"}}}};
  const nlohmann::ordered_json schema = {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "fergraph pipeline"},
      {"type", "object"},
      {"additionalProperties", false},
      {"properties",
       {{"version", {{"const", pipeline_format_version}}},
        {"pipeline", {{"type", "string"}}},
        {"doc", {{"type", "string"}}},
        {"use", {{"type", {"string", "array"}}}},
        {"params", {{"type", "object"}}},
        {"state", {{"type", "object"}, {"additionalProperties", {{"$ref", "#/$defs/state"}}}}},
        {"streams", {{"type", "object"}, {"additionalProperties", section}}},
        {"epoch_start", section},
        {"step", section},
        {"epoch_end", section},
        {"records", {{"type", "object"}}},
        {"on_nan",
         {{"enum", {"stop", "skip"}},
          {"default", "stop"},
          {"description", "what becomes of a step whose loss or gradients are NaN or infinite"}}}}},
      {"$defs",
       {{"node", {{"type", {"object", "null"}}, {"allOf", nodes}}},
        {"state", {{"type", {"object", "null"}}, {"allOf", states}}}}}};
  std::printf("%s\n", schema.dump(2).c_str());
  return 0;
}

}  // namespace

void add_nodes_command(CLI::App& app, Actions& actions) {
  auto name = std::make_shared<std::string>();
  auto as_page = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("nodes", "List all nodes and states, or tell all about one");
  CLI::Option* named = command->add_option("name", *name, "A node or a kind of state");
  command->add_flag("--markdown", *as_page, "Write the reference page of all of them, as in docs/nodes.md")
      ->excludes(named);
  add_manual(
      *command,
      {.about = "What pipeline files may name, from the nodes' own contracts: inputs, states and parameters with their "
                "types, shapes, defaults and limits, and outputs.",
       .writes = "To standard output alone.",
       .codes = {{2, "wrong usage, or no such node"}},
       .examples = {"fergraph nodes", "fergraph nodes cross_entropy", "fergraph nodes --markdown > nodes.md"}});
  actions.on(command, [name, as_page](Surroundings& around) {
    if (!*as_page) return tell_nodes(*name, around.registry());
    std::printf("%s", nodes_reference(around.registry()).c_str());
    return 0;
  });
}

void add_schema_command(CLI::App& app, Actions& actions) {
  CLI::App* command = app.add_subcommand("schema", "Print the JSON schema of pipeline files, for editors");
  add_manual(*command, {.about = "A JSON schema (2020-12) by which editors complete and check pipeline files while "
                                 "they are written. With the "
                                 "YAML language server, a first line in the file does: # yaml-language-server: "
                                 "$schema=pipeline.schema.json",
                        .writes = "To standard output alone.",
                        .codes = {},
                        .examples = {"fergraph schema > pipeline.schema.json"}});
  actions.on(command, [](Surroundings& around) { return print_schema(around.registry()); });
}

}  // namespace fergraph
