// Layers with torchvision's parameter names whose forward takes its mode as an argument: several nodes may read one
// network at the same time, so the mode must not be a state of the module.
#pragma once

#include <torch/nn/module.h>

#include "graph/random.hpp"

namespace fergraph {

/// What batch normalisation normalises with, and whether it moves the running statistics.
enum class NormMode {
  update,  // batch statistics; running statistics move, num_batches_tracked + 1
  leave,   // batch statistics; buffers are not touched
  running  // running statistics
};

/// Square convolution without bias; kaiming normal, fan out, as torchvision's networks are initialised.
class Convolution : public torch::nn::Module {
 public:
  Convolution(std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t stride, std::int64_t padding);
  torch::Tensor forward(const torch::Tensor& maps) const;
  void initialise(Random& random);

 private:
  torch::Tensor weight_;
  std::int64_t stride_;
  std::int64_t padding_;
};

/// Batch normalisation over [N,C,H,W] (Ioffe & Szegedy, 2015); eps 1e-5, momentum 0.1, running variance unbiased.
class BatchNorm : public torch::nn::Module {
 public:
  explicit BatchNorm(std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& maps, NormMode mode) const;

 private:
  torch::Tensor weight_, bias_, running_mean_, running_var_, num_batches_tracked_;
};

/// Linear layer with bias, uniform in ±1/sqrt(in) as LibTorch's default.
class Linear : public torch::nn::Module {
 public:
  Linear(std::int64_t in, std::int64_t out);
  torch::Tensor forward(const torch::Tensor& features) const;
  void initialise(Random& random);
  const torch::Tensor& weight() const { return weight_; }

 private:
  torch::Tensor weight_, bias_;
};

}  // namespace fergraph
