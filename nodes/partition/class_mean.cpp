#include "nodes/partition/class_mean.hpp"

namespace fergraph {

ClassMean class_mean(const torch::Tensor& score, const torch::Tensor& label, const torch::Tensor& counts,
                     std::int64_t classes) {
  const torch::Tensor of_class = label.unsqueeze(1) == torch::arange(classes, label.options());
  const torch::Tensor member = of_class.logical_and(counts.unsqueeze(1)).to(torch::kFloat64);
  const torch::Tensor count = member.sum(0);
  const torch::Tensor sum = (member * score.to(torch::kFloat64).unsqueeze(1)).sum(0);
  return {count.to(torch::kInt64), sum / count.clamp_min(1)};
}

}  // namespace fergraph
