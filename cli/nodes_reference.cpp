#include "cli/nodes_reference.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "cli/markdown_text.hpp"
#include "graph/pipeline.hpp"
#include "nodes/register.hpp"

namespace fergraph {

namespace {

using NodePointer = std::shared_ptr<const NodeType>;

std::string link_to(const std::string& name) {
  std::string link = "[";
  return link.append(name).append("](#").append(name).append(")");
}

// Puts a comma in between.
void join(std::string& list, const std::string& next) { list.append(list.empty() ? "" : ", ").append(next); }

// A reference that could stand in the port, with every entry named as its node: the first output of that type, one of
// the port's name before all others.
std::string example_of(const InputPort& port, const Registry& registry) {
  if (port.is_view) return "STREAM.plain";
  const ValueType* type = port.forms.front().type;
  // What batches bring, which some node makes anew as well.
  if (port.name == "index") return "STREAM.index";
  if (port.name == "images") return "STREAM.view";
  std::string first;
  for (const NodePointer& node : registry.nodes())
    for (const OutputPort& output : node->outputs) {
      if (output.form.type != type) continue;
      if (output.name == port.name) return node->name + "." + output.name;
      if (first.empty()) first = node->name + "." + output.name;
    }
  return first.empty() ? "STREAM." + port.name : first;
}

void write_required(std::ostream& line, const std::vector<ParameterInfo>& parameters) {
  for (const ParameterInfo& info : parameters)
    if (info.is_required) line << ", " << info.name << ": " << (info.words.empty() ? "…" : info.words.front());
}

void write_usage(std::ostream& out, const NodeType& node, const Registry& registry) {
  out << "\n```yaml\n" << node.name << ": {node: " << node.name;
  for (const InputPort& port : node.inputs)
    if (!port.is_optional)
      out << ", " << port.name << ": " << (port.is_weighted ? "{" : "") << example_of(port, registry)
          << (port.is_weighted ? ": 1}" : "");
  for (const StatePort& port : node.states)
    if (!port.is_optional)
      out << ", " << port.name << ": " << (port.is_list ? "[" : "") << (port.kind_doc == "network" ? "net" : port.name)
          << (port.is_list ? "]" : "");
  write_required(out, node.parameters);
  out << "}\n```\n";
}

void write_parameters(std::ostream& out, const std::vector<ParameterInfo>& parameters) {
  if (parameters.empty()) return;
  out << "\n| parameter | what it is | type | default | limits |\n|---|---|---|---|---|\n";
  for (const ParameterInfo& info : parameters) {
    std::string limits;
    for (const Limit& limit : info.limits) limits.append(limits.empty() ? "must " : ", must ").append(limit.text);
    out << "| " << table_code(info.name) << " | " << table_text(info.doc) << " | "
        << (info.words.empty() ? table_text(info.type) : code_list(info.words)) << " | "
        << (info.is_required ? "required" : table_code(info.default_text)) << " | " << table_text(limits) << " |\n";
  }
}

std::string types_of(const InputPort& port) {
  std::string text;
  for (const PortForm& form : port.forms) text.append(text.empty() ? "" : " or ").append(form.type->name);
  return text;
}

void write_inputs(std::ostream& out, const NodeType& node) {
  if (node.inputs.empty()) return;
  out << "\n| input | what it is | type | shape |\n|---|---|---|---|\n";
  for (const InputPort& port : node.inputs)
    out << "| " << table_code(port.name) << (port.is_optional ? ", optional" : "") << " | " << table_text(port.doc)
        << (port.is_weighted ? "; a map from references to weights"
            : port.is_list   ? "; one or a list"
            : port.is_view   ? "; a whole stream"
                             : "")
        << " | " << types_of(port) << " | " << table_code(port.shape) << " |\n";
}

void write_states(std::ostream& out, const NodeType& node) {
  if (node.states.empty()) return;
  out << "\n| state | what it is | kind | access |\n|---|---|---|---|\n";
  for (const StatePort& port : node.states)
    out << "| " << table_code(port.name) << (port.is_optional ? ", optional" : "") << " | " << table_text(port.doc)
        << (port.is_list ? "; one or a list" : "") << " | " << port.kind_doc << " | "
        << (port.access_depends            ? "read, or written as the parameters say"
            : port.access == Access::write ? "written"
                                           : "read")
        << " |\n";
}

void write_outputs(std::ostream& out, const NodeType& node) {
  if (node.outputs.empty()) return;
  out << "\n| output | what it is | type | shape |\n|---|---|---|---|\n";
  for (const OutputPort& port : node.outputs)
    out << "| " << table_code(port.name) << " | " << table_text(port.doc)
        << (port.part ? "; in parts: " + table_code(port.name + "[i]") : "") << " | " << port.form.type->name << " | "
        << table_code(port.shape) << " |\n";
}

void write_node(std::ostream& out, const NodeType& node, const Registry& registry) {
  out << "\n### " << node.name << "\n\n" << prose(sentence(node.doc)) << "\n";
  if (!node.details.empty()) out << "\n" << paragraphs(node.details);
  write_usage(out, node, registry);
  write_inputs(out, node);
  write_states(out, node);
  write_parameters(out, node.parameters);
  write_outputs(out, node);
}

// `batch` is the engine's own, and has no contract.
void write_batch(std::ostream& out) {
  out << "\n### batch\n\nCloses a stream: puts its samples into batches. Its items are what the step and passes read, "
         "as `STREAM.ITEM`; of a stream that ends in a sink, which writes its samples away, there are none.\n\n"
         "```yaml\nbatch: {node: batch, size: 16, items: {weak: augment.image, label: face_cache.label}}\n```\n\n"
         "| map | what it is |\n|---|---|\n"
         "| `items` | names of the batch's items and the outputs they come from; required |\n";
  write_parameters(out, batch_parameters());
}

void write_state_kind(std::ostream& out, const StateType& state) {
  out << "\n### " << state.name << "\n\n"
      << prose(sentence(state.doc)) << "\n\n```yaml\n"
      << state.name << ": {kind: " << state.name;
  for (const StateLink& link : state.links)
    if (!link.is_optional) out << ", " << link.name << ": net";
  write_required(out, state.parameters);
  out << "}\n```\n";
  if (!state.links.empty()) out << "\n| state | what it is |\n|---|---|\n";
  for (const StateLink& link : state.links)
    out << "| " << table_code(link.name) << (link.is_optional ? ", optional" : "") << " | " << table_text(link.doc)
        << (link.is_list ? "; one or a list" : "") << " |\n";
  write_parameters(out, state.parameters);
}

void write_types(std::ostream& out, const Registry& registry) {
  struct Ends {
    std::vector<std::string> makers;
    std::vector<std::string> takers;
  };
  std::map<std::string, Ends> types;
  const auto note = [](std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const NodePointer& node : registry.nodes()) {
    for (const OutputPort& port : node->outputs) {
      note(types[std::string(port.form.type->name)].makers, link_to(node->name));
      if (const auto collator = registry.find_collator(port.form.type))
        note(types[std::string(collator->to->name)].makers, link_to("batch"));
    }
    for (const InputPort& port : node->inputs)
      for (const PortForm& form : port.forms) note(types[std::string(form.type->name)].takers, link_to(node->name));
  }
  const auto joined = [](const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) join(text, name);
    return text;
  };
  out << "\n## Types\n\nA reference fits where the type is the port's, and letters of shapes that are equal mean equal "
         "sizes: N samples, C classes, D features.\n\n| type | made by | taken by |\n|---|---|---|\n";
  for (const auto& [name, ends] : types)
    out << "| " << name << " | " << joined(ends.makers) << " | " << joined(ends.takers) << " |\n";
}

struct StageNodes {
  std::string title;
  std::string purpose;
  std::vector<NodePointer> nodes;
  bool has_batch = false;
};

std::vector<StageNodes> nodes_by_stage(const Registry& registry) {
  std::vector<StageNodes> stages;
  std::vector<std::string> placed;
  for (const NodeStage& stage : node_stages()) {
    StageNodes listed{std::string(stage.folder), std::string(stage.purpose), {}, stage.folder == "batch"};
    Registry alone;
    stage.register_nodes(alone);
    for (const NodePointer& node : alone.nodes())
      if (const auto known = registry.find_node(node->name)) {
        listed.nodes.push_back(known);
        placed.push_back(node->name);
      }
    stages.push_back(std::move(listed));
  }
  StageNodes others{"others", "Nodes that this program adds to fergraph's.", {}};
  for (const NodePointer& node : registry.nodes())
    if (std::find(placed.begin(), placed.end(), node->name) == placed.end()) others.nodes.push_back(node);
  if (!others.nodes.empty()) stages.push_back(std::move(others));
  return stages;
}

}  // namespace

std::string nodes_reference(const Registry& registry) {
  const std::vector<StageNodes> stages = nodes_by_stage(registry);
  std::ostringstream out;
  out << "# Nodes and states\n\n"
         "<!-- Written by ./dev docs from the contracts of the nodes. Changes made here are lost. -->\n\n"
         "What pipeline files may name. An entry is one map: a key of it is an input, a state or a parameter of the "
         "node. Besides, each may have `when:` (a formula over the clock; where it is 0 the node does not run) and "
         "`after:` (the entry that it stands behind, in a file that uses another). The usage lines name every entry as "
         "its node, STREAM stands for a stream's name, and only what is required is there. `fergraph nodes NAME` tells "
         "the same in a terminal.\n\n## Contents\n\n";
  for (const StageNodes& stage : stages) {
    out << "- [" << stage.title << "](#" << stage.title << "-nodes): ";
    std::string names = stage.has_batch ? link_to("batch") : "";
    for (const NodePointer& node : stage.nodes) join(names, link_to(node->name));
    out << names << "\n";
  }
  out << "- [states](#states): ";
  for (const auto& state : registry.states())
    out << (state == registry.states().front() ? "" : ", ") << link_to(state->name);
  out << "\n- [types](#types): which nodes make and take what\n";

  for (const StageNodes& stage : stages) {
    out << "\n## " << stage.title << " nodes\n\n" << prose(stage.purpose) << "\n";
    if (stage.has_batch) write_batch(out);
    for (const NodePointer& node : stage.nodes) write_node(out, *node, registry);
  }
  out << "\n## States\n\nWhat lasts from step to step, and is in every checkpoint.\n";
  for (const auto& state : registry.states()) write_state_kind(out, *state);
  write_types(out, registry);
  return out.str();
}

}  // namespace fergraph
