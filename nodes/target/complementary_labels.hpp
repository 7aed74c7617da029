// Collects, per sample, the classes that it does not have.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// For every covered row in ascending order: of the classes that the sample's bank does not hold yet, the least
/// probable one enters where its probability is at most `below`. One class per visit. A host-sequential walk.
struct ComplementaryLabels {
  struct In {
    Probs probs;
    Index index;
    std::optional<Mask> rows;
  };
  struct Out {
    Targets labels;
  };
  struct Params {
    Formula below = 0.01;
  };
  struct State {
    Write<Table> bank;
  };
  static Contract<ComplementaryLabels> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
