// Squared difference of maps.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Mean over rows, maps and positions of (a - b)², with b mirrored where it saw a mirrored picture: the consistency of
/// attention maps of Zhang et al., ECCV 2022, whose sampling grid is that flip. Throws std::runtime_error for maps of
/// different shapes.
struct MapDifference {
  struct In {
    Maps a;
    Maps b;
    std::optional<Mask> rows;
  };
  struct Out {
    Loss loss;
    Score each;
  };
  struct Params {
    bool mirror = false;
  };
  static Contract<MapDifference> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
