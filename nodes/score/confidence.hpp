// How sure a network, or the mean of several views or networks, is of its answer.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Detached from the gradient.
struct Confidence {
  struct In {
    std::vector<Probs> probs;
  };
  struct Out {
    Probs probs;
    Score score;
    Labels label;
  };
  static Contract<Confidence> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
