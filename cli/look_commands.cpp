#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cache/reader.hpp"
#include "cli/commands.hpp"
#include "datasets/synthetic.hpp"
#include "graph/drawing.hpp"
#include "graph/feed.hpp"
#include "graph/pipeline.hpp"
#include "report/progress.hpp"
#include "report/run_directory.hpp"

namespace fergraph {

int check_command(const LoadOptions& load, const Registry& registry) {
  const Pipeline pipeline = check_pipeline(load_document(load), registry);
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

int graph_command(const GraphCommand& command, const Registry& registry) {
  const std::string dot = to_dot(check_pipeline(load_document(command.load), registry));
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
  // Absolute: no name may look like one of Graphviz's options.
  const std::filesystem::path drawing = std::filesystem::absolute(command.out);
  const std::filesystem::path text = drawing.string() + ".dot";
  write_whole(text, dot);
  std::string quoted = "dot -Tsvg -o ";
  for (const std::filesystem::path& path : {drawing, text}) {
    quoted += '\'';
    for (const char c : path.string()) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    quoted += "' ";
  }
  const int status = std::system(quoted.c_str());
  std::filesystem::remove(text);
  if (status != 0)
    throw RunError("Graphviz could not draw '" + command.out.string() +
                   "'. Install the package graphviz, or write a .dot file.");
  return 0;
}

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
  if (!info.words.empty()) schema["anyOf"] = {{{"enum", info.words}}, {{"type", "string"}, {"pattern", "^\\$"}}};
  return schema;
}

}  // namespace

int nodes_command(const std::string& name, const Registry& registry) {
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

int schema_command(const Registry& registry) {
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
        {"records", {{"type", "object"}}}}},
      {"$defs",
       {{"node", {{"type", {"object", "null"}}, {"allOf", nodes}}},
        {"state", {{"type", {"object", "null"}}, {"allOf", states}}}}}};
  std::printf("%s\n", schema.dump(2).c_str());
  return 0;
}

int diff_command(const std::filesystem::path& first, const std::filesystem::path& second) {
  const Document a = load_document({first, {}, {}});
  const Document b = load_document({second, {}, {}});
  const std::vector<Difference> all = differences(a.root, b.root);
  if (all.empty()) std::printf("The two files mean the same.\n");
  for (const Difference& each : all) {
    std::printf("%s\n", each.where.c_str());
    if (!each.first.empty()) std::printf("  - %s\n", each.first.c_str());
    if (!each.second.empty()) std::printf("  + %s\n", each.second.c_str());
  }
  return 0;
}

int synthesize_command(const SynthesizeCommand& command, std::stop_token stop) {
  Progress progress(command.quiet);
  SyntheticOptions options;
  options.directory = command.directory;
  options.train = command.train;
  options.test = command.test;
  options.seed = command.seed;
  const bool made = write_synthetic_faces(options, [&](int done, int total) {
    if (stop.stop_requested()) throw Cancelled();
    progress.update("photographs", done, total, "written", "");
  });
  std::printf(made ? "%d photographs are in %s\n" : "The %d photographs in %s are there already; nothing to do.\n",
              command.train + command.test, command.directory.string().c_str());
  return 0;
}

int cache_command(const std::string& action, const std::filesystem::path& file) {
  const FaceCache cache(file);
  if (action == "verify") {
    const std::vector<std::int64_t> damaged = cache.verify();
    for (const std::int64_t face : damaged)
      std::printf("damaged: face %lld, %s\n", static_cast<long long>(face), std::string(cache.id(face)).c_str());
    if (damaged.empty()) std::printf("All %lld faces are whole.\n", static_cast<long long>(cache.size()));
    return damaged.empty() ? 0 : 1;
  }
  const auto& names = cache.provenance().class_names;
  std::printf("%lld faces of %dx%d, %zu voids\nfingerprint %s\n", static_cast<long long>(cache.size()),
              cache.shape().width, cache.shape().height, cache.voids().size(),
              cache.provenance().fingerprint.hash.c_str());
  std::map<std::string, std::map<std::int64_t, std::int64_t>> counts;
  for (std::int64_t i = 0; i < cache.size(); ++i) ++counts[std::string(cache.split(i))][cache.label(i)];
  for (const auto& [split, classes] : counts) {
    std::printf("%s:", split.empty() ? "all" : split.c_str());
    for (const auto& [label, count] : classes) {
      const std::string name = label >= 0 && label < static_cast<std::int64_t>(names.size())
                                   ? names[static_cast<std::size_t>(label)]
                                   : "unknown";
      std::printf("  %s %lld", name.c_str(), static_cast<long long>(count));
    }
    std::printf("\n");
  }
  return 0;
}

}  // namespace fergraph
