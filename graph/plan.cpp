#include <algorithm>
#include <set>

#include "graph/pipeline.hpp"

namespace fergraph {
namespace {

void access(int state, Access how, const std::vector<StatePlan>& states, std::vector<Access>& accesses,
            std::vector<bool>& touched) {
  const auto i = static_cast<std::size_t>(state);
  if (!touched[i] || how == Access::write) accesses[i] = how;
  touched[i] = true;
  if (how == Access::write)
    for (const int owned : states[i].owned) access(owned, how, states, accesses, touched);
}

}  // namespace

void plan_edges(std::vector<NodePlan>& nodes, const std::vector<StatePlan>& states) {
  std::vector<int> last_writer(states.size(), -1);
  std::vector<std::vector<int>> readers(states.size());
  // reached[j]: everything that has surely finished before node j starts.
  std::vector<std::vector<bool>> reached(nodes.size(), std::vector<bool>(nodes.size(), false));

  for (std::size_t j = 0; j < nodes.size(); ++j) {
    NodePlan& node = nodes[j];
    std::set<int, std::greater<>> before;
    for (const InputBinding& input : node.inputs)
      for (const ValueSource& source : input.sources)
        if (source.node >= 0) before.insert(source.node);

    std::vector<Access> accesses(states.size(), Access::read);
    std::vector<bool> touched(states.size(), false);
    for (const StateBinding& binding : node.states)
      for (const int state : binding.states) access(state, binding.access, states, accesses, touched);
    for (std::size_t s = 0; s < states.size(); ++s) {
      if (!touched[s]) continue;
      if (last_writer[s] >= 0) before.insert(last_writer[s]);
      if (accesses[s] == Access::write) {
        before.insert(readers[s].begin(), readers[s].end());
        readers[s].clear();
        last_writer[s] = static_cast<int>(j);
      } else {
        readers[s].push_back(static_cast<int>(j));
      }
    }

    // From the nearest to the farthest: what a nearer one waits for needs no edge of its own.
    node.after.clear();
    for (const int i : before) {
      const auto from = static_cast<std::size_t>(i);
      if (reached[j][from]) continue;
      node.after.push_back(i);
      reached[j][from] = true;
      for (std::size_t k = 0; k < from; ++k)
        if (reached[from][k]) reached[j][k] = true;
    }
    std::sort(node.after.begin(), node.after.end());
  }
}

}  // namespace fergraph
