#include "nodes/loss/info_nce.hpp"

#include "nodes/loss/zero_gradient.hpp"

#include <limits>

namespace fergraph {
namespace {

torch::Tensor unit_rows(const torch::Tensor& features) {
  return features / features.norm(2, 1, /*keepdim=*/true).clamp_min(1e-12);
}

}  // namespace

Contract<InfoNce> InfoNce::contract() {
  return Contract<InfoNce>("info_nce", "pulls two views of a row together and away from the other rows")
      .details(
          "For an anchor: -log(exp(s/T) / Σ exp(s'/T)), s the cosine similarity to its other view, s' that to every "
          "other feature of both views (covered rows only, the anchor itself left out). The mean over the anchors; 0, "
          "with a gradient of 0, where no row is covered.")
      .in(&In::a, "a", "float [N,D]", "features of one view")
      .in(&In::b, "b", "float [N,D]", "features of the other view; the gradient flows into both")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .out(&Out::loss, "loss", "float []", "the loss")
      .param(&Params::temperature, "temperature", "T", above(0))
      .param(&Params::anchors, "anchors", "the features of view a, or of both views");
}

InfoNce::Out InfoNce::run(const In& in, const Params& params) const {
  torch::Tensor a = in.a.tensor, b = in.b.tensor;
  if (in.rows) {
    const torch::Tensor chosen = in.rows->tensor.to(a.device()).nonzero().squeeze(1);
    a = a.index_select(0, chosen);
    b = b.index_select(0, chosen);
  }
  const std::int64_t n = a.size(0);
  if (n == 0) return {{with_zero_gradient(a.sum() + b.sum())}};
  const torch::Tensor all = unit_rows(torch::cat({a, b}));
  const torch::Tensor anchors = params.anchors == Anchors::both ? all : all.narrow(0, 0, n);
  const torch::Tensor self = torch::eye(anchors.size(0), 2 * n, all.options().dtype(torch::kBool));
  const torch::Tensor scores =
      (anchors.mm(all.t()) / params.temperature.value).masked_fill(self, -std::numeric_limits<double>::infinity());
  // The other view of row i stands n columns further, cyclically.
  const torch::Tensor other =
      torch::arange(n, n + anchors.size(0), all.options().dtype(torch::kInt64)).remainder(2 * n);
  return {{torch::nll_loss(torch::log_softmax(scores, 1), other)}};
}

}  // namespace fergraph
