// Batch normalisation whose forward takes its mode as an argument, alone or with the rectifier that usually follows.
#pragma once

#include <torch/nn/module.h>

namespace fergraph {

/// What batch normalisation normalises with, and whether it moves the running statistics.
enum class NormMode {
  update,  // batch statistics; running statistics move, num_batches_tracked + 1
  leave,   // batch statistics; buffers are not touched
  running  // running statistics
};

struct BatchNormShape {
  double eps = 1e-5;
  double momentum = 0.1;     // share of the batch in the running statistics
  bool learns_scale = true;  // otherwise `weight` is a buffer of ones
};

/// What happens to normalised maps: `shortcut` of their shape is added where it is given, then negative values are
/// multiplied by `slope`: 0 is ReLU, 0.1 a leaky one, 1 leaves them.
struct Rectifier {
  double slope = 0;
  torch::Tensor shortcut = {};
};

/// Batch normalisation over [N,C,H,W] or [N,C] (Ioffe & Szegedy, 2015); running variance unbiased. Both functions throw
/// std::runtime_error where batch statistics are wanted of a single number per channel.
class BatchNorm : public torch::nn::Module {
 public:
  explicit BatchNorm(std::int64_t channels, const BatchNormShape& shape = {});
  torch::Tensor forward(const torch::Tensor& maps, NormMode mode) const;
  /// The rectifier of forward's result. Float32 maps on a CPU with their channels side by side go through both in one
  /// pass, there and back; the results differ from those of two operations by rounding.
  torch::Tensor rectified(const torch::Tensor& maps, NormMode mode, const Rectifier& rectifier = {}) const;

 private:
  BatchNormShape shape_;
  torch::Tensor weight_, bias_, running_mean_, running_var_, num_batches_tracked_;
};

}  // namespace fergraph
