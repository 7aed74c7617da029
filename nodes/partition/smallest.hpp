// Keeps the rows with the smallest scores.
#pragma once

#include "graph/contract.hpp"
#include "nodes/partition/smallest_rows.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// As SmallLoss, by any score: Wei et al., CVPR 2020, algorithm 1, keep the rows with the smallest joint loss of two
/// networks.
struct Smallest {
  struct In {
    Score score;
  };
  struct Out {
    Mask kept;
    Number ratio;
    Number count;
  };
  using Params = KeptShare;
  static Contract<Smallest> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
