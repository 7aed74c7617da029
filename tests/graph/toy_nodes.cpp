#include "tests/graph/toy_nodes.hpp"

namespace fergraph::toy {

Registry registry() {
  Registry registry;
  registry.state<Cell>();
  registry.state<Note>();
  registry.node<Count>();
  registry.node<Add>();
  registry.node<Draw>();
  registry.node<Jitter>();
  registry.node<Constant>();
  registry.node<Sum>();
  registry.node<Blend>();
  registry.node<Get>();
  registry.node<Put>();
  registry.node<PutEach>();
  registry.node<Touch>();
  registry.node<Mean>();
  registry.node<MeanOfAll>();
  registry.node<Fail>();
  registry.node<Hook>();
  registry.node<Limited>();
  registry.node<Keep>();
  registry.collate<Real, Reals>([](std::span<const Real* const> rows) {
    Reals reals;
    for (const Real* row : rows) reals.values.push_back(row->value);
    return reals;
  });
  return registry;
}

}  // namespace fergraph::toy
