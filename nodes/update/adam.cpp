#include "nodes/update/adam.hpp"

#include <cmath>

namespace fergraph {
namespace {

template <class Kind>
StateContract<Kind> describe(const std::string& name, const std::string& doc, const std::string& decay) {
  return StateContract<Kind>(name, doc)
      .param(&AdamParams::lr, "lr", "learning rate; may be a formula over the clock", at_least(0))
      .param(&AdamParams::beta1, "beta1", "decay of the first moment", in_range(0, 1))
      .param(&AdamParams::beta2, "beta2", "decay of the second moment", in_range(0, 1))
      .param(&AdamParams::eps, "eps", "added to the root of the second moment", at_least(0))
      .param(&AdamParams::weight_decay, "weight_decay", decay, at_least(0))
      .param(&AdamParams::loss_scaling, "loss_scaling",
             "whether losses are scaled before their gradients; auto: where a network has `precision: fp16`")
      .link(&Optimizer::Links::of, "of", "the networks that it trains", LinkNeed::always, true)
      .template as<Optimizer>();
}

}  // namespace

StateContract<Adam> Adam::contract() {
  return describe<Adam>("adam", "Adam", "L2 term added to the gradient of every parameter");
}

StateContract<AdamW> AdamW::contract() {
  return describe<AdamW>("adamw", "Adam with decoupled weight decay", "share of lr by which every parameter shrinks");
}

Adam::Adam(const Params& params, const Links& links, const StateScope& scope)
    : Optimizer(links, scope, {"first_moment", "second_moment"}, params.loss_scaling), params_(params) {}

void Adam::move_undecayed(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
                          std::int64_t steps) const {
  const Tensors& first = moments[0];
  const Tensors& second = moments[1];
  const double correction1 = 1 - std::pow(params_.beta1, static_cast<double>(steps));
  const double correction2 = 1 - std::pow(params_.beta2, static_cast<double>(steps));
  at::_foreach_mul_(first, params_.beta1);
  at::_foreach_add_(first, gradients, 1 - params_.beta1);
  at::_foreach_mul_(second, params_.beta2);
  at::_foreach_addcmul_(second, gradients, gradients, 1 - params_.beta2);
  const Tensors root = at::_foreach_sqrt(second);
  at::_foreach_div_(root, std::sqrt(correction2));
  at::_foreach_add_(root, params_.eps);
  at::_foreach_addcdiv_(parameters, first, root, -params_.lr.value / correction1);
}

void Adam::move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
                std::int64_t steps) const {
  if (params_.weight_decay == 0)
    move_undecayed(parameters, gradients, moments, steps);
  else
    move_undecayed(parameters, at::_foreach_add(gradients, parameters, params_.weight_decay), moments, steps);
}

void AdamW::move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
                 std::int64_t steps) const {
  if (params_.weight_decay != 0) at::_foreach_mul_(parameters, 1 - params_.lr.value * params_.weight_decay);
  move_undecayed(parameters, gradients, moments, steps);
}

}  // namespace fergraph
