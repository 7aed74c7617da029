// Means over some of the rows of a batch.
#pragma once

#include <torch/types.h>

#include <optional>

#include "nodes/values.hpp"

namespace fergraph {

/// Mean of `each` (float [N]) over the covered rows; 0, with a gradient of 0, where none is covered. No mask covers
/// all.
inline torch::Tensor mean_over(const torch::Tensor& each, const std::optional<Mask>& rows) {
  if (!rows) return each.mean();
  const torch::Tensor covered = rows->tensor.to(each.options());
  return (each * covered).sum() / covered.sum().clamp_min(1);
}

}  // namespace fergraph
