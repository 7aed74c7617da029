#include "nodes/network/layers.hpp"

namespace fergraph {

Convolution::Convolution(std::int64_t in, std::int64_t out, const ConvolutionShape& shape)
    : shape_(shape),
      weight_(register_parameter("weight", torch::zeros({out, in / shape.groups, shape.size, shape.size}))) {
  if (shape.bias) bias_ = register_parameter("bias", torch::zeros({out}));
}

torch::Tensor Convolution::forward(const torch::Tensor& maps) const {
  return torch::conv2d(maps, weight_, bias_, shape_.stride, shape_.padding, /*dilation=*/1, shape_.groups);
}

std::shared_ptr<Convolution> convolution3x3(std::int64_t in, std::int64_t out, std::int64_t stride) {
  return std::make_shared<Convolution>(in, out, ConvolutionShape{.size = 3, .stride = stride, .padding = 1});
}

std::shared_ptr<Convolution> convolution1x1(std::int64_t in, std::int64_t out, std::int64_t stride) {
  return std::make_shared<Convolution>(in, out, ConvolutionShape{.size = 1, .stride = stride});
}

Linear::Linear(std::int64_t in, std::int64_t out, bool has_bias)
    : weight_(register_parameter("weight", torch::zeros({out, in}))) {
  if (has_bias) bias_ = register_parameter("bias", torch::zeros({out}));
}

torch::Tensor Linear::forward(const torch::Tensor& features) const { return torch::linear(features, weight_, bias_); }

PRelu::PRelu(std::int64_t channels) : weight_(register_parameter("weight", torch::full({channels}, 0.25))) {}

torch::Tensor PRelu::forward(const torch::Tensor& maps) const { return torch::prelu(maps, weight_); }

}  // namespace fergraph
