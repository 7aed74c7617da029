// Scores of a whole set, brought between 0 and 1.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// (s - low) / (high - low + 1e-6), where low and high are percentiles of the set; at least 1 becomes 1-inset, at most
/// 0 inset (Arazo et al., ICML 2019, as they prepare losses for a beta mixture). Throws std::runtime_error where there
/// is no score.
struct Rescale {
  struct In {
    Score score;
  };
  struct Out {
    Score score;
    Mask inside;
  };
  struct Params {
    double lower = 5;
    double upper = 95;
    double inset = 1e-3;
  };
  static Contract<Rescale> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
