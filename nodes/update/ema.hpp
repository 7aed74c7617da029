// A network that follows another one: its exponential moving average.
#pragma once

#include "graph/contract.hpp"
#include "nodes/network/network.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// What happens to running statistics and counters.
enum class EmaBuffers {
  average,  // float buffers are averaged as parameters are; counters stay
  copy,     // all are copied
  leave     // all stay
};

template <>
struct Words<EmaBuffers> {
  static constexpr std::array<std::pair<std::string_view, EmaBuffers>, 3> all = {
      {{"average", EmaBuffers::average}, {"copy", EmaBuffers::copy}, {"leave", EmaBuffers::leave}}};
};

/// into = decay * into + (1 - decay) * from (Tarvainen & Valpola, NeurIPS 2017, eq. 2).
struct Ema {
  struct Out {
    Number decay;
  };
  struct Params {
    Formula decay = 0.999;
    EmaBuffers buffers = EmaBuffers::copy;
  };
  struct State {
    Read<Network> from;
    Write<Network> into;
  };
  static Contract<Ema> contract();
  Out run(const Params& params, const State& states) const;
};

}  // namespace fergraph
