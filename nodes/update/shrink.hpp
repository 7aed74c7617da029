// Multiplies a network's values by a factor.
#pragma once

#include "graph/contract.hpp"
#include "nodes/network/network.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Weight decay apart from the optimizer; with `buffers` of running statistics too.
struct Shrink {
  struct Out {
    Number factor;
  };
  struct Params {
    Formula factor = 1;
    bool buffers = false;
  };
  struct State {
    Write<Network> net;
  };
  static Contract<Shrink> contract();
  Out run(const Params& params, const State& states) const;
};

}  // namespace fergraph
