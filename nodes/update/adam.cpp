#include "nodes/update/adam.hpp"

#include <ATen/Parallel.h>

#include <cmath>

#include "nodes/update/adam_loop.hpp"

namespace fergraph {
namespace {

using Tensors = std::vector<torch::Tensor>;

// Whether the i-th number in memory of each parameter belongs to the i-th of its gradient and moments, on the host.
bool lie_alike(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments) {
  for (std::size_t i = 0; i < parameters.size(); ++i)
    for (const torch::Tensor* tensor : {&parameters[i], &gradients[i], &moments[0][i], &moments[1][i]})
      if (!tensor->is_cpu() || tensor->scalar_type() != torch::kFloat32 || !tensor->is_non_overlapping_and_dense() ||
          tensor->strides() != parameters[i].strides())
        return false;
  return true;
}

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

void Adam::move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
                std::int64_t steps) const {
  move_by(parameters, gradients, moments, steps, /*shrink=*/1, params_.weight_decay);
}

void AdamW::move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
                 std::int64_t steps) const {
  move_by(parameters, gradients, moments, steps, 1 - params_.lr.value * params_.weight_decay, /*decay=*/0);
}

void Adam::move_by(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
                   std::int64_t steps, double shrink, double decay) const {
  const Tensors& first = moments[0];
  const Tensors& second = moments[1];
  const double rate = params_.lr.value / (1 - std::pow(params_.beta1, static_cast<double>(steps)));
  const double root_correction = std::sqrt(1 - std::pow(params_.beta2, static_cast<double>(steps)));
  if (lie_alike(parameters, gradients, moments)) {
    const auto single = [](double number) { return static_cast<float>(number); };
    const AdamStep step = {.shrink = single(shrink),
                           .decay = single(decay),
                           .beta1 = single(params_.beta1),
                           .beta2 = single(params_.beta2),
                           .rest1 = single(1 - params_.beta1),
                           .rest2 = single(1 - params_.beta2),
                           .root_correction = single(root_correction),
                           .eps = single(params_.eps),
                           .rate = single(rate)};
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto numbers = [i](const Tensors& tensors) { return tensors[i].data_ptr<float>(); };
      float *const values = numbers(parameters), *const m = numbers(first), *const v = numbers(second);
      const float* const g = numbers(gradients);
      at::parallel_for(0, parameters[i].numel(), at::internal::GRAIN_SIZE, [&](std::int64_t begin, std::int64_t end) {
        adam_loop(step, g + begin, end - begin, m + begin, v + begin, values + begin);
      });
    }
    return;
  }
  if (shrink != 1) at::_foreach_mul_(parameters, shrink);
  const Tensors by = decay == 0 ? gradients : at::_foreach_add(gradients, parameters, decay);
  at::_foreach_mul_(first, params_.beta1);
  at::_foreach_add_(first, by, 1 - params_.beta1);
  at::_foreach_mul_(second, params_.beta2);
  at::_foreach_addcmul_(second, by, by, 1 - params_.beta2);
  const Tensors root = at::_foreach_sqrt(second);
  at::_foreach_div_(root, root_correction);
  at::_foreach_add_(root, params_.eps);
  at::_foreach_addcdiv_(parameters, first, root, -rate);
}

}  // namespace fergraph
