// The labels of a batch's samples, as a table holds them.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// labels[n] = table[index[n]]; known[n] where that is not -1, else unknown[n].
struct LookUpLabels {
  struct In {
    Index index;
  };
  struct Out {
    Labels labels;
    Mask known;
    Mask unknown;
  };
  struct State {
    Read<Table> labels;
  };
  static Contract<LookUpLabels> contract();
  Out run(const In& in, const State& states) const;
};

}  // namespace fergraph
