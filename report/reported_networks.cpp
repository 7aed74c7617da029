#include "report/reported_networks.hpp"

#include <set>

#include "nodes/network/network.hpp"

namespace fergraph {
namespace {

bool is_network(const StatePlan& state) { return state.type->is_a(typeid(Network)); }

// The states that a node of a section reads, and those of the nodes that it follows from.
void add_states(const SectionPlan& section, int node, std::set<int>& seen, std::set<int>& states) {
  if (node < 0 || !seen.insert(node).second) return;
  const NodePlan& plan = section.nodes[static_cast<std::size_t>(node)];
  for (const StateBinding& binding : plan.states) states.insert(binding.states.begin(), binding.states.end());
  for (const InputBinding& input : plan.inputs)
    for (const ValueSource& source : input.sources) add_states(section, source.node, seen, states);
}

}  // namespace

std::vector<std::string> networks_of(const Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const StatePlan& state : pipeline.states)
    if (is_network(state)) names.push_back(state.name);
  return names;
}

std::vector<std::string> reported_networks(const Pipeline& pipeline) {
  std::set<int> states;
  for (const RecordPlan& record : pipeline.records) {
    if (!record.name.starts_with("test.")) continue;
    for (const RecordSource& source : record.sources) {
      std::set<int> seen;
      if (source.state < 0) add_states(pipeline.section(source.section), source.node, seen, states);
    }
  }
  std::vector<std::string> names;
  for (const int state : states)
    if (is_network(pipeline.states[static_cast<std::size_t>(state)]))
      names.push_back(pipeline.states[static_cast<std::size_t>(state)].name);
  if (!names.empty()) return names;
  names = networks_of(pipeline);
  return names.size() == 1 ? names : std::vector<std::string>{};
}

}  // namespace fergraph
