// Splits rows by one threshold.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// above[n] = score[n] >= at, in the score's precision. NaN is below.
struct Threshold {
  struct In {
    Score score;
  };
  struct Out {
    Mask above;
    Mask below;
    Number used;
  };
  struct Params {
    Formula at = 0.95;
  };
  static Contract<Threshold> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
