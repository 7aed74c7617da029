// Cross-entropy with hints that cost confidence.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// DeVries & Taylor, arXiv:1802.04865, section 2: p' = c p + (1 - c) y, where c is the confidence and y the one-hot
/// label; loss = mean(-log p'_y) + λ mean(-log c). A row gets its hint with `hint_probability`, else c counts as 1 in
/// p'. After the loss λ falls by 1 % where mean(-log c) is below `budget` and rises by 1 % where it is not.
struct HintedCrossEntropy {
  struct In {
    Probs probs;
    Score confidence;
    Labels target;
  };
  struct Out {
    Loss loss;
    Loss task;
    Loss asked;
  };
  struct Params {
    double hint_probability = 0.5;
    double budget = 0.3;
  };
  struct State {
    Write<Table> weight;
  };
  static Contract<HintedCrossEntropy> contract();
  Out run(const In& in, const Params& params, const State& states, const Context& context) const;
};

}  // namespace fergraph
