// Keeps the rows that a network finds easiest.
#pragma once

#include "graph/contract.hpp"
#include "nodes/partition/smallest_rows.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// The rows with the smallest cross-entropy (Han et al., NeurIPS 2018, algorithm 1). Detached from the gradient.
struct SmallLoss {
  struct In {
    Logits logits;
    Labels labels;
  };
  struct Out {
    Mask kept;
    Number ratio;
    Number count;
    Score each;
  };
  using Params = KeptShare;
  static Contract<SmallLoss> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
