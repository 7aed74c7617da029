// A whole stream through one or several networks.
#pragma once

#include "graph/contract.hpp"
#include "nodes/network/network.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Eval mode, no gradients. Rows are in the order of the pass.
struct Pass {
  struct In {
    View<Images> images;
  };
  struct Out {
    Logits logits;
    Probs probs;
    Features features;
    std::vector<Logits> logits_parts;
    std::vector<Probs> probs_parts;
    std::optional<Labels> labels;
    std::optional<Labels> truth;
    std::optional<Index> index;
  };
  struct Params {
    Last last = Last::keep;
    Order order = Order::sequential;
  };
  struct State {
    std::vector<Read<Network>> nets;
  };
  static Contract<Pass> contract();
  Out run(const In& in, const Params& params, const State& states, const Context& context) const;
};

}  // namespace fergraph
