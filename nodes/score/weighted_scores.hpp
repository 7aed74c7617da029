// One score of each row, from several.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// score = Σ weight · term, row by row, in the order of the file; terms that did not run in this step are left out.
/// Detached from the gradient. Throws std::runtime_error where no term ran.
struct WeightedScores {
  struct In {
    std::vector<Weighted<Score>> terms;
  };
  struct Out {
    Score score;
  };
  static Contract<WeightedScores> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
