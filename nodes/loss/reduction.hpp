// Means over some of the rows of a batch.
#pragma once

#include <torch/types.h>

#include <optional>

#include "nodes/loss/zero_gradient.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Whether rows are known to be none at all. Not asked of a GPU: the host would wait for it.
inline bool none_of(const std::optional<Mask>& rows) {
  return rows && rows->tensor.is_cpu() && !rows->tensor.any().item<bool>();
}

/// Mean of `each` (float [N]) over the covered rows; 0, with a gradient of 0, where none is covered. No mask covers
/// all.
inline torch::Tensor mean_over(const torch::Tensor& each, const std::optional<Mask>& rows) {
  if (!rows) return each.mean();
  const torch::Tensor covered = rows->tensor.to(each.options());
  const torch::Tensor mean = (each * covered).sum() / covered.sum().clamp_min(1);
  return none_of(rows) ? with_zero_gradient(mean) : mean;
}

}  // namespace fergraph
