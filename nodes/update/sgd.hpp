// Stochastic gradient descent with momentum.
#pragma once

#include "nodes/update/optimizer.hpp"

namespace fergraph {

/// velocity = momentum * velocity + (1 - dampening) * gradient (the first gradient itself in the first step);
/// parameter -= lr * velocity. Weight decay is added to the gradient (L2). Sutskever et al., ICML 2013, in the variant
/// of LibTorch.
class Sgd : public Optimizer {
 public:
  struct Params {
    Formula lr = 0.01;
    double momentum = 0;
    double weight_decay = 0;
    double dampening = 0;
    bool nesterov = false;
    LossScaling loss_scaling = LossScaling::automatic;
  };
  static StateContract<Sgd> contract();
  Sgd(const Params& params, const Links& links, const StateScope& scope);
  double rate() const override { return params_.lr; }

 private:
  void move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
            std::int64_t steps) const override;
  const Params& params_;  // the plan's, which the clock updates and which outlives the states
};

}  // namespace fergraph
