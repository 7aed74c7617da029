#include "graph/drawing.hpp"

#include <set>

namespace fergraph {
namespace {

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

class Drawing {
 public:
  Drawing(const Pipeline& pipeline, const DrawingOptions& options) : pipeline_(pipeline), options_(options) {}

  std::string text() {
    out_ = "digraph " + in_quotes(pipeline_.name) +
           " {\n  rankdir=TB; fontname=\"Helvetica\"; compound=true; nodesep=0.25; ranksep=0.35;\n" +
           "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", fontname=\"Helvetica\", fontsize=10, "
           "color=\"#5b6770\"];\n"
           "  edge [fontname=\"Helvetica\", fontsize=8, color=\"#5b6770\", arrowsize=0.6];\n";
    if (options_.title)
      out_ +=
          "  labelloc=t; label=" + in_quotes(pipeline_.name + (pipeline_.doc.empty() ? "" : "\\n" + pipeline_.doc)) +
          ";\n";
    for (const StreamPlan& stream : pipeline_.streams) draw_stream(stream);
    for (const SectionPlan& section : pipeline_.sections) draw_section(section);
    draw_states();
    out_ += edges_ + "}\n";
    return out_;
  }

 private:
  void open_cluster(const std::string& name, const std::string& title, const std::string& colour,
                    const std::string& style) {
    out_ += "  subgraph " + in_quotes("cluster_" + name) + " {\n    label=" + in_quotes(title) +
            "; class=" + in_quotes(style) + "; style=\"rounded,filled\"; color=" + in_quotes(colour) +
            "; fontsize=12;\n";
  }

  void draw_node(const NodePlan& node) {
    const auto note = options_.notes.find(node.qualified);
    std::string label = node.name + "\\n" + node.type->name;
    std::string more;
    if (note != options_.notes.end()) {
      if (!note->second.line.empty()) label += "\\n" + note->second.line;
      if (!note->second.style.empty()) more = ", class=" + in_quotes(note->second.style);
    }
    out_ += "    " + in_quotes(node.qualified) + " [label=" + in_quotes(label) + more + "];\n";
  }

  void draw_inputs(const NodePlan& node, const std::string& prefix) {
    for (const InputBinding& input : node.inputs)
      for (const ValueSource& source : input.sources) {
        const std::string port = node.type->inputs[static_cast<std::size_t>(input.port)].name;
        const std::string from =
            source.stream >= 0 ? "streams." + pipeline_.streams[static_cast<std::size_t>(source.stream)].name + ".batch"
                               : prefix + source.text.substr(0, source.text.find('.'));
        edges_ += "  " + in_quotes(from) + " -> " + in_quotes(node.qualified) +
                  " [label=" + in_quotes(source.text.substr(source.text.find('.') + 1) + " → " + port) + "];\n";
      }
  }

  void draw_stream(const StreamPlan& stream) {
    const std::string prefix = "streams." + stream.name + ".";
    open_cluster(prefix, "stream " + stream.name, "#e8f1fa", "stream");
    for (const NodePlan& node : stream.nodes) draw_node(node), draw_inputs(node, prefix);
    if (stream.batch) {
      out_ += "    " + in_quotes(prefix + "batch") +
              " [label=" + in_quotes("batch of " + std::to_string(stream.batch->size)) +
              ", shape=folder, style=filled, class=batch];\n";
      std::set<int> from;
      for (const ValueSource& source : stream.batch->sources) from.insert(source.node);
      for (const int node : from)
        edges_ += "  " + in_quotes(stream.nodes[static_cast<std::size_t>(node)].qualified) + " -> " +
                  in_quotes(prefix + "batch") + ";\n";
    }
    out_ += "  }\n";
  }

  void draw_section(const SectionPlan& section) {
    if (section.nodes.empty()) return;
    const std::string name(section_name(section.section));
    const bool is_step = section.section == Section::step;
    open_cluster(name, name, is_step ? "#eef7ee" : "#fbf4e6", is_step ? "step" : "epoch");
    for (const NodePlan& node : section.nodes) draw_node(node), draw_inputs(node, name + ".");
    out_ += "  }\n";
    for (const NodePlan& node : section.nodes)
      for (const StateBinding& binding : node.states)
        for (const int state : binding.states) {
          const std::string cylinder = in_quotes("state." + pipeline_.states[static_cast<std::size_t>(state)].name);
          if (binding.access == Access::write)
            edges_ += "  " + in_quotes(node.qualified) + " -> " + cylinder +
                      " [style=dashed, class=write, color=\"#b5523b\", constraint=false];\n";
          else
            edges_ += "  " + cylinder + " -> " + in_quotes(node.qualified) +
                      " [style=dashed, class=read, color=\"#8a98a3\", constraint=false];\n";
        }
  }

  void draw_states() {
    for (const StatePlan& state : pipeline_.states)
      out_ += "  " + in_quotes("state." + state.name) + " [label=" + in_quotes(state.name + "\\n" + state.type->name) +
              ", shape=cylinder, style=filled, class=state, fillcolor=\"#f3edf7\"];\n";
  }

  const Pipeline& pipeline_;
  const DrawingOptions& options_;
  std::string out_;
  std::string edges_;
};

}  // namespace

std::string to_dot(const Pipeline& pipeline, const DrawingOptions& options) {
  return Drawing(pipeline, options).text();
}

}  // namespace fergraph
