// Where in a picture a network sees each class.
#pragma once

#include "graph/contract.hpp"
#include "nodes/network/network.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Class activation maps (Zhou et al., CVPR 2016, eq. 2): map_c = Σ_d w_cd · maps_d, with the classifier's weights w.
/// The gradient flows into the maps and not into the weights.
struct ClassActivation {
  struct In {
    Maps maps;
  };
  struct Out {
    Maps maps;
    Numbers first;
  };
  struct State {
    Read<Network> net;
  };
  static Contract<ClassActivation> contract();
  Out run(const In& in, const State& states) const;
};

}  // namespace fergraph
