// What networks give the labels that samples come with.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// score[n] = mean over the views or networks of probs[n, labels[n]], and 0 where the label is unknown (-1). Detached
/// from the gradient. Throws std::runtime_error for another number of labels and for labels beyond the classes.
struct LabelProbability {
  struct In {
    std::vector<Probs> probs;
    Labels labels;
  };
  struct Out {
    Score score;
  };
  static Contract<LabelProbability> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
