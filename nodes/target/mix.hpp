// Mixes a batch with itself: images and targets.
#pragma once

#include "graph/contract.hpp"
#include "nodes/network/network.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// λ x + (1 - λ) x[perm] over the concatenation of all batches, for images and targets alike (Zhang et al., ICLR 2018).
/// Labels count as one-hot targets. The outputs carry no gradient.
struct Mix {
  struct In {
    std::vector<Images> images;
    std::vector<std::variant<Labels, Targets>> targets;
    Number lambda;
    Index perm;
  };
  struct Out {
    Images images;
    Targets targets;
    std::vector<Images> images_parts;
    std::vector<Targets> targets_parts;
  };
  struct State {
    Read<Network> net;
  };
  static Contract<Mix> contract();
  Out run(const In& in, const State& states) const;
};

}  // namespace fergraph
