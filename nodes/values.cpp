#include "nodes/values.hpp"

namespace fergraph {

NumericArray numbers_of(const torch::Tensor& tensor) {
  NumericArray array;
  if (!tensor.defined()) {
    array.shape = {0};
    array.values = std::vector<double>{};
    return array;
  }
  const torch::Tensor detached = tensor.detach();
  const bool real = detached.is_floating_point();
  const torch::Tensor host = detached.to(torch::kCPU, real ? torch::kFloat64 : torch::kInt64).contiguous();
  array.shape = host.sizes().vec();
  const auto size = static_cast<std::size_t>(host.numel());
  if (real)
    array.values = std::vector<double>(host.data_ptr<double>(), host.data_ptr<double>() + size);
  else
    array.values = std::vector<std::int64_t>(host.data_ptr<std::int64_t>(), host.data_ptr<std::int64_t>() + size);
  return array;
}

}  // namespace fergraph
