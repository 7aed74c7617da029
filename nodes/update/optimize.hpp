// One step of optimizers along the gradients of losses.
#pragma once

#include "nodes/update/optimizer.hpp"
#include "nodes/values.hpp"

namespace fergraph {

struct Optimize {
  struct In {
    std::vector<Loss> loss;
  };
  struct Out {
    Numbers rate;
  };
  struct State {
    std::vector<Write<Optimizer>> optimizer;
  };
  static Contract<Optimize> contract();
  Out run(const In& in, const State& states) const;
};

}  // namespace fergraph
