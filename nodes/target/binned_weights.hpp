// The weights of a batch's rows, as a table holds them by intervals of a score.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// A table of B numbers divides the scores 0..1 into B equal intervals: row i gets entry trunc(B·score), at most the
/// last, in the score's own precision.
struct BinnedWeights {
  struct In {
    Score score;
  };
  struct Out {
    Weights weights;
  };
  struct Params {
    double clip = 0;
  };
  struct State {
    Read<Table> table;
  };
  static Contract<BinnedWeights> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
