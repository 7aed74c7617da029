// The weights of a batch's rows, as a table holds them by sample.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Reads what StoreWeights wrote; a sample that was never written has the table's first value.
struct WeightsOf {
  struct In {
    Index index;
  };
  struct Out {
    Weights weights;
  };
  struct State {
    Read<Table> table;
  };
  static Contract<WeightsOf> contract();
  Out run(const In& in, const State& states) const;
};

}  // namespace fergraph
