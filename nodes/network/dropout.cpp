#include "nodes/network/dropout.hpp"

namespace fergraph {

torch::Tensor Dropout::operator()(const torch::Tensor& numbers) const {
  if (!draws_ || probability_ <= 0) return numbers;
  const torch::Tensor kept = torch::empty(numbers.sizes(), torch::kFloat32);
  const double share = 1 - probability_;
  const float scale = share > 0 ? static_cast<float>(1 / share) : 0.0F;
  float* const factors = kept.data_ptr<float>();
  for (std::int64_t i = 0; i < kept.numel(); ++i) factors[i] = draws_->chance(share) ? scale : 0.0F;
  return numbers * kept.to(numbers.device());
}

}  // namespace fergraph
