// Keeps small float16 gradients from vanishing: the loss is multiplied before its gradients are computed.
#pragma once

#include "nodes/tensor_blob.hpp"

namespace fergraph {

/// Micikevicius et al., ICLR 2018, section 3.2, with the numbers of torch.cuda.amp.GradScaler: 2^16 at first, halved
/// where a gradient overflows, doubled after 2000 steps in a row that did not.
class LossScaler {
 public:
  static constexpr double initial_scale = 65536;
  static constexpr std::int64_t growth_interval = 2000;

  /// A power of two, so that scaling changes no digit of what does not over- or underflow.
  double scale() const { return scale_.item<double>(); }
  void note_finite();
  /// Halves the scale. False at 1: what overflows there does so by itself.
  bool note_overflow();

  /// What is saved with the optimizer.
  NamedTensors saved() const { return {{"loss_scale", scale_}, {"loss_scale_steps", steps_}}; }

 private:
  torch::Tensor scale_ = torch::full({}, initial_scale, torch::kFloat64);
  torch::Tensor steps_ = torch::zeros({}, torch::kInt64);  // since the last change
};

}  // namespace fergraph
