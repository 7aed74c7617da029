// The loss of a step, from its terms.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// loss = Σ weight · term, in the order of the file; terms that did not run in this step are left out.
struct WeightedSum {
  struct In {
    std::vector<Weighted<Loss>> terms;
  };
  struct Out {
    Loss loss;
  };
  static Contract<WeightedSum> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
