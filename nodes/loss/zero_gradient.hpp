// Losses whose gradient is known to be zero.
#pragma once

#include <torch/types.h>

namespace fergraph {

/// The same number (float []), with a gradient of 0 that is not computed: the parameters before it count as reached,
/// and the operations between are skipped on the way back. For a loss over no row, or times 0: a whole backward is
/// saved where nothing else depends on its forward.
torch::Tensor with_zero_gradient(const torch::Tensor& loss);

/// Whether the parameters' gradients would be defined, had none been skipped: float [] `loss` depends on them.
std::vector<bool> reached(const torch::Tensor& loss, const std::vector<torch::Tensor>& parameters);

}  // namespace fergraph
