// Means of scores by class.
#pragma once

#include <torch/types.h>

namespace fergraph {

struct ClassMean {
  torch::Tensor count;  // int64 [C], rows that counted
  torch::Tensor mean;   // float64 [C], of their scores; 0 where none counted
};

/// Over the rows where `counts` (bool [N]), by `label` (int64 [N]; other numbers than 0 … classes-1 never count).
/// Summed in float64 without scattering, so that the result does not depend on threads or device.
ClassMean class_mean(const torch::Tensor& score, const torch::Tensor& label, const torch::Tensor& counts,
                     std::int64_t classes);

}  // namespace fergraph
