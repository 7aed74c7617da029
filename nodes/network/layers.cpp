#include "nodes/network/layers.hpp"

#include <ATen/core/grad_mode.h>
#include <cmath>
#include <stdexcept>

#include "nodes/tensor_blob.hpp"

namespace fergraph {
namespace {

template <class Draw>
void fill(torch::Tensor& tensor, Draw&& draw) {
  const at::NoGradGuard no_grad;
  const torch::Tensor host = torch::empty(tensor.sizes(), torch::kFloat32);
  float* const numbers = host.data_ptr<float>();
  for (std::int64_t i = 0; i < host.numel(); ++i) numbers[i] = static_cast<float>(draw());
  tensor.copy_(host);
}

}  // namespace

Convolution::Convolution(std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t stride,
                         std::int64_t padding)
    : weight_(register_parameter("weight", torch::zeros({out, in, size, size}))), stride_(stride), padding_(padding) {}

torch::Tensor Convolution::forward(const torch::Tensor& maps) const {
  return torch::conv2d(maps, weight_, {}, stride_, padding_);
}

void Convolution::initialise(Random& random) {
  const std::int64_t fan_out = weight_.size(0) * weight_.size(2) * weight_.size(3);
  const double deviation = std::sqrt(2.0 / static_cast<double>(fan_out));
  fill(weight_, [&] { return deviation * random.normal(); });
}

BatchNorm::BatchNorm(std::int64_t channels)
    : weight_(register_parameter("weight", torch::ones({channels}))),
      bias_(register_parameter("bias", torch::zeros({channels}))),
      running_mean_(register_buffer("running_mean", torch::zeros({channels}))),
      running_var_(register_buffer("running_var", torch::ones({channels}))),
      num_batches_tracked_(register_buffer("num_batches_tracked", torch::zeros({}, torch::kInt64))) {}

torch::Tensor BatchNorm::forward(const torch::Tensor& maps, NormMode mode) const {
  constexpr double momentum = 0.1, eps = 1e-5;
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
                           pass_buffers ? running_var_ : torch::Tensor(), batch_statistics, momentum, eps,
                           at::globalContext().userEnabledCuDNN());
}

Linear::Linear(std::int64_t in, std::int64_t out)
    : weight_(register_parameter("weight", torch::zeros({out, in}))),
      bias_(register_parameter("bias", torch::zeros({out}))) {}

torch::Tensor Linear::forward(const torch::Tensor& features) const { return torch::linear(features, weight_, bias_); }

void Linear::initialise(Random& random) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(weight_.size(1)));
  fill(weight_, [&] { return random.uniform(-bound, bound); });
  fill(bias_, [&] { return random.uniform(-bound, bound); });
}

}  // namespace fergraph
