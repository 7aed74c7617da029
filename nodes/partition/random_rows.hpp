// Rows by chance, as likely as their class is given.
#pragma once

#include <vector>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Each row is covered with the probability of its class, drawn anew in every step.
struct RandomRows {
  struct In {
    Labels labels;
  };
  struct Out {
    Mask rows;
  };
  struct Params {
    std::vector<double> share = {0.5};
  };
  static Contract<RandomRows> contract();
  Out run(const In& in, const Params& params, const Context& context) const;
};

}  // namespace fergraph
