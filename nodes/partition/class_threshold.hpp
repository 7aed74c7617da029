// Splits rows by a threshold of their class.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Each row is compared with the threshold of its (predicted) class, in the score's precision.
struct ClassThreshold {
  struct In {
    Score score;
    Labels label;
  };
  struct Out {
    Mask above;
    Mask below;
    Numbers used;
  };
  struct State {
    Read<Table> thresholds;
  };
  static Contract<ClassThreshold> contract();
  Out run(const In& in, const State& states) const;
};

}  // namespace fergraph
