#include "nodes/update/optimize.hpp"

#include <torch/autograd.h>

namespace fergraph {

Contract<Optimize> Optimize::contract() {
  return Contract<Optimize>("optimize", "steps optimizers along the gradients of losses")
      .details(
          "The first loss belongs to the first optimizer, and so on. The gradients of all losses are computed before "
          "any optimizer steps, and a loss moves only the networks of its own optimizer. A loss without a gradient "
          "moves nothing.")
      .in(&In::loss, "loss", "float []", "one loss per optimizer")
      .out(&Out::rate, "rate", "float64 [O]", "the learning rates that were used")
      .state(&State::optimizer, "optimizer", "the optimizers; they write their networks")
      .in_pairs("optimizer", "loss");
}

Optimize::Out Optimize::run(const In& in, const State& states) const {
  const std::size_t count = states.optimizer.size();
  if (in.loss.size() != count)
    throw std::runtime_error("There are " + std::to_string(in.loss.size()) + " losses for " + std::to_string(count) +
                             " optimizers. Give each optimizer one loss.");
  std::vector<std::vector<torch::Tensor>> gradients(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<torch::Tensor>& parameters = states.optimizer[i]->parameters();
    gradients[i].resize(parameters.size());
    if (!in.loss[i].tensor.requires_grad()) continue;
    // Later losses may share the graph: one forward may feed several of them.
    const bool retain_graph = i + 1 < count;
    gradients[i] = torch::autograd::grad({in.loss[i].tensor}, parameters, {}, retain_graph, /*create_graph=*/false,
                                         /*allow_unused=*/true);
  }
  std::vector<double> rates;
  for (std::size_t i = 0; i < count; ++i) {
    states.optimizer[i]->step(gradients[i]);
    rates.push_back(states.optimizer[i]->rate());
  }
  return {{torch::tensor(rates, torch::kFloat64)}};
}

}  // namespace fergraph
