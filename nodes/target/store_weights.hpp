// Weights of rows, kept by sample.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Writes one number per sample into a table; samples outside this batch or pass keep theirs. Throws std::runtime_error
/// where `weights` and `index` have different numbers of rows.
struct StoreWeights {
  struct In {
    Weights weights;
    Index index;
  };
  struct State {
    Write<Table> table;
  };
  static Contract<StoreWeights> contract();
  void run(const In& in, const State& states) const;
};

}  // namespace fergraph
