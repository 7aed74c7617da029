#include "nodes/update/sgd.hpp"

namespace fergraph {

StateContract<Sgd> Sgd::contract() {
  return StateContract<Sgd>("sgd", "stochastic gradient descent with momentum")
      .param(&Params::lr, "lr", "learning rate; may be a formula over the clock", at_least(0))
      .param(&Params::momentum, "momentum", "share of the velocity that is kept", in_range(0, 1))
      .param(&Params::weight_decay, "weight_decay", "L2 term added to the gradient of every parameter", at_least(0))
      .param(&Params::dampening, "dampening", "share of the gradient that does not enter the velocity", in_range(0, 1))
      .param(&Params::nesterov, "nesterov", "look ahead along the velocity")
      .param(&Params::loss_scaling, "loss_scaling",
             "whether losses are scaled before their gradients; auto: where a network has `precision: fp16`")
      .link(&Links::of, "of", "the networks that it trains", LinkNeed::always, true)
      .as<Optimizer>();
}

Sgd::Sgd(const Params& params, const Links& links, const StateScope& scope)
    : Optimizer(links, scope, params.momentum > 0 ? std::vector<std::string>{"velocity"} : std::vector<std::string>{},
                params.loss_scaling),
      params_(params) {
  if (params.nesterov && (params.momentum <= 0 || params.dampening != 0))
    throw std::runtime_error("'nesterov' needs a 'momentum' above 0 and a 'dampening' of 0.");
}

void Sgd::move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
               std::int64_t steps) const {
  Tensors direction = gradients;
  if (params_.weight_decay != 0) direction = at::_foreach_add(direction, parameters, params_.weight_decay);
  if (!moments.empty()) {
    const Tensors& velocity = moments.front();
    at::_foreach_mul_(velocity, params_.momentum);
    at::_foreach_add_(velocity, direction, steps == 1 ? 1.0 : 1.0 - params_.dampening);
    direction = params_.nesterov ? at::_foreach_add(direction, velocity, params_.momentum) : velocity;
  }
  at::_foreach_add_(parameters, direction, -params_.lr.value);
}

}  // namespace fergraph
