#include "nodes/partition/smallest_rows.hpp"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>

namespace fergraph {

SmallestRows smallest_rows(const torch::Tensor& score, const KeptShare& share) {
  const at::NoGradGuard no_grad;
  const std::int64_t rows = score.size(0);
  const double wanted = share.keep.value * static_cast<double>(rows);
  // The tolerance keeps 0.7 * 10 at 7.
  const double rounded = share.rounding == Rounding::ceil ? std::ceil(wanted - 1e-9) : std::floor(wanted + 1e-9);
  const std::int64_t count = std::clamp(static_cast<std::int64_t>(rounded), std::int64_t{0}, rows);
  const torch::Tensor order = std::get<1>(torch::sort(score.detach(), /*stable=*/true, 0, /*descending=*/false));
  torch::Tensor kept = torch::zeros({rows}, score.options().dtype(torch::kBool));
  kept.index_fill_(0, order.narrow(0, 0, count), true);
  return {kept, count};
}

}  // namespace fergraph
