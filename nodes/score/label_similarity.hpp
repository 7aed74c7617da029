// How far a network's answer agrees with the given label.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// S = p_y / |p|, the cosine of a distribution and the one-hot given label (Zhang et al., ReSup, 2023, eq. 2), in 0..1.
/// Detached from the gradient. Throws std::runtime_error for labels of another number of rows and beyond the classes.
struct LabelSimilarity {
  struct In {
    Probs probs;
    Labels labels;
  };
  struct Out {
    Score similarity;
    Score score;
  };
  struct Params {
    double inset = 0;
  };
  static Contract<LabelSimilarity> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
