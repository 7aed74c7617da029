// Layers with torchvision's parameter names whose forward takes its mode as an argument: several nodes may read one
// network at the same time, so the mode must not be a state of the module.
#pragma once

#include "nodes/network/batch_norm.hpp"

namespace fergraph {

struct ConvolutionShape {
  std::int64_t size = 3;  // of the square window
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  std::int64_t groups = 1;
  bool bias = false;
};

/// Square convolution. Made with zeros.
class Convolution : public torch::nn::Module {
 public:
  Convolution(std::int64_t in, std::int64_t out, const ConvolutionShape& shape);
  torch::Tensor forward(const torch::Tensor& maps) const;
  const torch::Tensor& weight() const { return weight_; }
  const torch::Tensor& bias() const { return bias_; }  // undefined where it has none

 private:
  ConvolutionShape shape_;
  torch::Tensor weight_, bias_;
};

/// The kinds that networks are mostly made of.
std::shared_ptr<Convolution> convolution3x3(std::int64_t in, std::int64_t out, std::int64_t stride = 1);
std::shared_ptr<Convolution> convolution1x1(std::int64_t in, std::int64_t out, std::int64_t stride = 1);

/// Linear layer. Made with zeros.
class Linear : public torch::nn::Module {
 public:
  Linear(std::int64_t in, std::int64_t out, bool has_bias = true);
  torch::Tensor forward(const torch::Tensor& features) const;
  const torch::Tensor& weight() const { return weight_; }
  const torch::Tensor& bias() const { return bias_; }  // undefined where it has none

 private:
  torch::Tensor weight_, bias_;
};

/// max(x, 0) + weight * min(x, 0), one weight per channel, 0.25 at first (He et al., ICCV 2015).
class PRelu : public torch::nn::Module {
 public:
  explicit PRelu(std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& maps) const;

 private:
  torch::Tensor weight_;
};

}  // namespace fergraph
