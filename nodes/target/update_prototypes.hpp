// Moves prototypes of classes by the features of a batch.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// The covered rows in ascending order: the first feature of a class becomes its prototype, later ones move it. A
/// host-sequential walk.
struct UpdatePrototypes {
  struct In {
    Features features;
    Labels label;
    std::optional<Mask> rows;
  };
  struct Params {
    double momentum = 0.99;
    bool normalize = true;
  };
  struct State {
    Write<Table> prototypes;
  };
  static Contract<UpdatePrototypes> contract();
  void run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
