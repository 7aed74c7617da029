#include "graph/drawing.hpp"

#include <set>

namespace fergraph {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

class Drawing {
 public:
  explicit Drawing(const Pipeline& pipeline) : pipeline_(pipeline) {}

  std::string text() {
    out_ = "digraph " + quoted(pipeline_.name) +
           " {\n  rankdir=TB; fontname=\"Helvetica\"; compound=true; nodesep=0.25; ranksep=0.35;\n" +
           "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", fontname=\"Helvetica\", fontsize=10, "
           "color=\"#5b6770\"];\n"
           "  edge [fontname=\"Helvetica\", fontsize=8, color=\"#5b6770\", arrowsize=0.6];\n"
           "  labelloc=t; label=" +
           quoted(pipeline_.name + (pipeline_.doc.empty() ? "" : "\\n" + pipeline_.doc)) + ";\n";
    for (const StreamPlan& stream : pipeline_.streams) draw_stream(stream);
    for (const SectionPlan& section : pipeline_.sections) draw_section(section);
    draw_states();
    out_ += edges_ + "}\n";
    return out_;
  }

 private:
  static std::string label(const NodePlan& node) { return quoted(node.name + "\\n" + node.type->name); }

  void open_cluster(const std::string& name, const std::string& title, const std::string& colour) {
    out_ += "  subgraph " + quoted("cluster_" + name) + " {\n    label=" + quoted(title) +
            "; style=\"rounded,filled\"; color=" + quoted(colour) + "; fontsize=12;\n";
  }

  void draw_node(const NodePlan& node) { out_ += "    " + quoted(node.qualified) + " [label=" + label(node) + "];\n"; }

  void draw_inputs(const NodePlan& node, const std::string& prefix) {
    for (const InputBinding& input : node.inputs)
      for (const ValueSource& source : input.sources) {
        const std::string port = node.type->inputs[static_cast<std::size_t>(input.port)].name;
        const std::string from =
            source.stream >= 0 ? "streams." + pipeline_.streams[static_cast<std::size_t>(source.stream)].name + ".batch"
                               : prefix + source.text.substr(0, source.text.find('.'));
        edges_ += "  " + quoted(from) + " -> " + quoted(node.qualified) +
                  " [label=" + quoted(source.text.substr(source.text.find('.') + 1) + " → " + port) + "];\n";
      }
  }

  void draw_stream(const StreamPlan& stream) {
    const std::string prefix = "streams." + stream.name + ".";
    open_cluster(prefix, "stream " + stream.name, "#e8f1fa");
    for (const NodePlan& node : stream.nodes) draw_node(node), draw_inputs(node, prefix);
    if (stream.batch) {
      out_ += "    " + quoted(prefix + "batch") +
              " [label=" + quoted("batch of " + std::to_string(stream.batch->size)) +
              ", shape=folder, style=filled];\n";
      std::set<int> from;
      for (const ValueSource& source : stream.batch->sources) from.insert(source.node);
      for (const int node : from)
        edges_ += "  " + quoted(stream.nodes[static_cast<std::size_t>(node)].qualified) + " -> " +
                  quoted(prefix + "batch") + ";\n";
    }
    out_ += "  }\n";
  }

  void draw_section(const SectionPlan& section) {
    if (section.nodes.empty()) return;
    const std::string name(section_name(section.section));
    open_cluster(name, name, section.section == Section::step ? "#eef7ee" : "#fbf4e6");
    for (const NodePlan& node : section.nodes) draw_node(node), draw_inputs(node, name + ".");
    out_ += "  }\n";
    for (const NodePlan& node : section.nodes)
      for (const StateBinding& binding : node.states)
        for (const int state : binding.states) {
          const std::string cylinder = quoted("state." + pipeline_.states[static_cast<std::size_t>(state)].name);
          if (binding.access == Access::write)
            edges_ += "  " + quoted(node.qualified) + " -> " + cylinder +
                      " [style=dashed, color=\"#b5523b\", constraint=false];\n";
          else
            edges_ += "  " + cylinder + " -> " + quoted(node.qualified) +
                      " [style=dashed, color=\"#8a98a3\", constraint=false];\n";
        }
  }

  void draw_states() {
    for (const StatePlan& state : pipeline_.states)
      out_ += "  " + quoted("state." + state.name) + " [label=" + quoted(state.name + "\\n" + state.type->name) +
              ", shape=cylinder, style=filled, fillcolor=\"#f3edf7\"];\n";
  }

  const Pipeline& pipeline_;
  std::string out_;
  std::string edges_;
};

}  // namespace

std::string to_dot(const Pipeline& pipeline) { return Drawing(pipeline).text(); }

}  // namespace fergraph
