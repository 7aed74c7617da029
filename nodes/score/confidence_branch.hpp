// Tells the confidence branch of a classifier from its classes.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Of a network with one output more than there are classes: the last output is its confidence branch, c = σ(z) in
/// (0, 1) (DeVries & Taylor, arXiv:1802.04865, section 2.1). The gradient flows through all outputs.
struct ConfidenceBranch {
  struct In {
    Logits logits;
  };
  struct Out {
    Logits logits;
    Probs probs;
    Score confidence;
  };
  static Contract<ConfidenceBranch> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
