#include "nodes/loss/sigmoid_gap.hpp"

#include "nodes/loss/zero_gradient.hpp"

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<SigmoidGap> SigmoidGap::contract() {
  return Contract<SigmoidGap>("sigmoid_gap", "pushes complementary classes away from the largest logit, by sigmoids")
      .details(
          "With u = sigmoid(logits): the binary cross-entropy of max(u) - u with the complementary labels over all "
          "classes, logarithms clamped at -100. 0, with a gradient of 0, where no row is covered.")
      .in(&In::logits, "logits", "float [N,C]", "scores before the sigmoid")
      .in(&In::complementary, "complementary", "float [N,C]", "1 for each class that a row does not have")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .out(&Out::loss, "loss", "float []", "mean over the covered rows and all classes")
      .param(
          &Params::mask_as_index, "mask_as_index",
          "the rows' mask taken for row numbers, true for 1: the batch's second row stands for every covered one; to "
          "measure what that costs");
}

SigmoidGap::Out SigmoidGap::run(const In& in, const Params& params) const {
  const torch::Tensor all = in.logits.tensor;
  expect_rows("complementary", in.complementary.tensor, "logits", all.size(0));
  torch::Tensor rows = in.rows ? in.rows->tensor.to(all.device()).nonzero().squeeze(1)
                               : torch::arange(all.size(0), all.options().dtype(torch::kInt64));
  if (rows.numel() == 0) return {{with_zero_gradient((all * 0).sum())}};
  if (params.mask_as_index) {
    if (all.size(0) < 2)
      throw std::runtime_error(
          "'mask_as_index' takes the batch's second row, but there is only one. Make batches of two or more samples, "
          "or "
          "leave it off.");
    rows = torch::ones({1}, rows.options());
  }
  const torch::Tensor u = torch::sigmoid(all.index_select(0, rows));
  const torch::Tensor gap = std::get<0>(u.max(1, /*keepdim=*/true)) - u;
  const torch::Tensor target = in.complementary.tensor.to(all.options()).index_select(0, rows);
  return {{torch::binary_cross_entropy(gap, target)}};
}

}  // namespace fergraph
