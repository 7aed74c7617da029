#include <map>

#include "graph/pipeline.hpp"

namespace fergraph {
namespace {

// What an axis counts, for messages: "a batch of 'labeled'". Empty where nothing is known: it agrees with anything.
using Axes = std::vector<std::string>;

struct Known {
  Axes whole;
  std::vector<Axes> parts;
};

class AxisCheck {
 public:
  AxisCheck(const SectionPlan& section, const Pipeline& pipeline, std::vector<Problem>& problems)
      : section_(section), pipeline_(pipeline), problems_(problems) {}

  void run() {
    for (const NodePlan& node : section_.nodes) visit(node);
  }

 private:
  struct Symbol {
    std::string label;
    std::string port;
  };

  Axes axes_of(const ValueSource& source) const {
    if (source.stream >= 0)
      return {"a batch of '" + pipeline_.streams[static_cast<std::size_t>(source.stream)].name + "'"};
    const Known& known = outputs_[static_cast<std::size_t>(source.node)][static_cast<std::size_t>(source.output)];
    if (source.part < 0) return known.whole;
    return static_cast<std::size_t>(source.part) < known.parts.size()
               ? known.parts[static_cast<std::size_t>(source.part)]
               : Axes{};
  }

  void unify(const NodePlan& node, std::map<std::string, Symbol>& symbols, const std::string& axis,
             const std::string& label, const std::string& port, const Place& place) {
    if (label.empty()) return;
    const auto [known, is_new] = symbols.try_emplace(axis, Symbol{label, port});
    if (is_new || known->second.label == label) return;
    problems_.push_back(
        {place, node.qualified + ": '" + port + "' counts " + label + " along its axis " + axis + ", but '" +
                    known->second.port + "' counts " + known->second.label +
                    " there. Both must come from the same rows; check which stream or part each refers to."});
  }

  void visit(const NodePlan& node) {
    std::map<std::string, Symbol> symbols;
    std::map<std::string, std::vector<Axes>> lists;
    for (const InputBinding& input : node.inputs) {
      const InputPort& port = node.type->inputs[static_cast<std::size_t>(input.port)];
      std::string joined;
      bool all_known = !input.sources.empty();
      for (const ValueSource& source : input.sources) {
        const std::vector<std::string>& axes = port.forms[source.form].axes;
        Axes labels = axes_of(source);
        if (port.is_view && !labels.empty())
          labels = {"all of '" + pipeline_.streams[static_cast<std::size_t>(source.stream)].name + "'"};
        labels.resize(std::max(labels.size(), axes.size()));
        lists[port.name].push_back(labels);
        for (std::size_t i = 0; i < axes.size(); ++i) {
          if (axes[i].ends_with('*')) {
            if (labels[i].empty()) all_known = false;
            joined += (joined.empty() ? "" : " and ") + labels[i];
          } else if (i == 0 || !labels[i].empty()) {
            unify(node, symbols, axes[i], labels[i], port.name, source.place);
          }
        }
      }
      for (const PortForm& form : port.forms)
        for (const std::string& axis : form.axes)
          if (axis.ends_with('*') && all_known) {
            unify(node, symbols, axis, joined, port.name, input.sources.front().place);
            all_known = false;
          }
    }
    std::vector<Known> outputs;
    for (const OutputPort& port : node.type->outputs) {
      Known known;
      for (const std::string& axis : port.form.axes) {
        const auto symbol = symbols.find(axis);
        known.whole.push_back(symbol == symbols.end() ? "" : symbol->second.label);
      }
      const auto list = lists.find(port.parts_of);
      if (list != lists.end()) {
        for (const Axes& entry : list->second) {
          Axes part = known.whole;
          if (!part.empty()) part[0] = entry.empty() ? "" : entry[0];
          known.parts.push_back(part);
        }
      }
      outputs.push_back(std::move(known));
    }
    outputs_.push_back(std::move(outputs));
  }

  const SectionPlan& section_;
  const Pipeline& pipeline_;
  std::vector<Problem>& problems_;
  std::vector<std::vector<Known>> outputs_;  // by node and output
};

}  // namespace

void check_axes(const SectionPlan& section, const Pipeline& pipeline, std::vector<Problem>& problems) {
  AxisCheck(section, pipeline, problems).run();
}

}  // namespace fergraph
