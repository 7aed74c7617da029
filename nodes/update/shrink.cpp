#include "nodes/update/shrink.hpp"

#include <ATen/core/grad_mode.h>

namespace fergraph {

Contract<Shrink> Shrink::contract() {
  return Contract<Shrink>("shrink", "multiplies a network's values by a factor")
      .out(&Out::factor, "factor", "float []", "the factor that was used")
      .param(&Params::factor, "factor", "may be a formula over the clock", in_range(0, 1), required)
      .param(&Params::buffers, "buffers", "whether running means and variances shrink too")
      .state(&State::net, "net", "the network");
}

Shrink::Out Shrink::run(const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  std::vector<torch::Tensor> tensors;
  for (const auto& [name, tensor] : states.net->parameters()) tensors.push_back(tensor);
  if (params.buffers)
    for (const auto& [name, tensor] : states.net->buffers())
      if (tensor.is_floating_point()) tensors.push_back(tensor);
  at::_foreach_mul_(tensors, params.factor.value);
  return {{params.factor}};
}

}  // namespace fergraph
