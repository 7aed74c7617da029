// Adam and AdamW.
#pragma once

#include "nodes/update/optimizer.hpp"

namespace fergraph {

struct AdamParams {
  Formula lr = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  LossScaling loss_scaling = LossScaling::automatic;
};

/// Kingma & Ba, ICLR 2015, algorithm 1, with eps beside the corrected root: sqrt(v / (1 - beta2^t)) + eps. Weight decay
/// is added to the gradient (L2).
class Adam : public Optimizer {
 public:
  using Params = AdamParams;
  static StateContract<Adam> contract();
  Adam(const Params& params, const Links& links, const StateScope& scope);
  double rate() const override { return params_.lr; }

 protected:
  void move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
            std::int64_t steps) const override;
  /// The rule, after multiplying the parameters by `shrink` and adding `decay` times them to the gradients. On the host
  /// in one pass over the memory.
  void move_by(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
               std::int64_t steps, double shrink, double decay) const;
  const Params& params_;  // the plan's, which the clock updates and which outlives the states
};

/// Loshchilov & Hutter, ICLR 2019: weight decay shrinks the parameters by lr * weight_decay, beside the gradient.
class AdamW : public Adam {
 public:
  static StateContract<AdamW> contract();
  using Adam::Adam;

 private:
  void move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
            std::int64_t steps) const override;
};

}  // namespace fergraph
