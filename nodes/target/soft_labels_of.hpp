// The soft labels of a batch's rows, as a table holds them by sample.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// A row is certain where exactly one of its weights is 1, as every one-hot label is.
struct SoftLabelsOf {
  struct In {
    Index index;
  };
  struct Out {
    Targets targets;
    Mask certain;
    Mask uncertain;
  };
  struct State {
    Read<Table> weights;
  };
  static Contract<SoftLabelsOf> contract();
  Out run(const In& in, const State& states) const;
};

}  // namespace fergraph
