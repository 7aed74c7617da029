#include "nodes/network/layers.hpp"

#include <stdexcept>

#include "nodes/tensor_blob.hpp"

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

BatchNorm::BatchNorm(std::int64_t channels, const BatchNormShape& shape)
    : shape_(shape),
      weight_(shape.learns_scale ? register_parameter("weight", torch::ones({channels}))
                                 : register_buffer("weight", torch::ones({channels}))),
      bias_(register_parameter("bias", torch::zeros({channels}))),
      running_mean_(register_buffer("running_mean", torch::zeros({channels}))),
      running_var_(register_buffer("running_var", torch::ones({channels}))),
      num_batches_tracked_(register_buffer("num_batches_tracked", torch::zeros({}, torch::kInt64))) {}

torch::Tensor BatchNorm::forward(const torch::Tensor& maps, NormMode mode) const {
  const bool batch_statistics = mode != NormMode::running;
  // The unbiased variance of one value would put NaN into the running one.
  if (batch_statistics && maps.numel() == maps.size(1))
    throw std::runtime_error(
        "Batch normalisation with the statistics of the batch needs more than one value per channel, but these maps "
        "are " +
        shape_text(maps.sizes().vec()) + ". Use more than one image per batch, larger images, or 'mode: eval'.");
  if (mode == NormMode::update) torch::Tensor(num_batches_tracked_).add_(1);
  const bool pass_buffers = mode != NormMode::leave;
  return torch::batch_norm(maps, weight_, bias_, pass_buffers ? running_mean_ : torch::Tensor(),
                           pass_buffers ? running_var_ : torch::Tensor(), batch_statistics, shape_.momentum, shape_.eps,
                           at::globalContext().userEnabledCuDNN());
}

Linear::Linear(std::int64_t in, std::int64_t out, bool has_bias)
    : weight_(register_parameter("weight", torch::zeros({out, in}))) {
  if (has_bias) bias_ = register_parameter("bias", torch::zeros({out}));
}

torch::Tensor Linear::forward(const torch::Tensor& features) const { return torch::linear(features, weight_, bias_); }

PRelu::PRelu(std::int64_t channels) : weight_(register_parameter("weight", torch::full({channels}, 0.25))) {}

torch::Tensor PRelu::forward(const torch::Tensor& maps) const { return torch::prelu(maps, weight_); }

}  // namespace fergraph
