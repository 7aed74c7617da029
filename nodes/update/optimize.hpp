// One step of optimizers along the gradients of losses.
#pragma once

#include "graph/not_finite.hpp"
#include "nodes/update/optimizer.hpp"
#include "nodes/values.hpp"

namespace fergraph {

struct Optimize {
  struct In {
    std::vector<Loss> loss;
  };
  struct Out {
    Numbers rate;
    Numbers norm;
    Numbers scale;
  };
  struct Params {
    Formula clip_norm = 0;
  };
  struct State {
    std::vector<Write<Optimizer>> optimizer;
  };
  static Contract<Optimize> contract();
  /// Throws NotFinite, before anything has moved, where a loss or a gradient is NaN or infinite.
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
