#include "nodes/target/binned_weights.hpp"

#include <ATen/core/grad_mode.h>

namespace fergraph {

Contract<BinnedWeights> BinnedWeights::contract() {
  return Contract<BinnedWeights>("binned_weights", "the weight of each row, looked up by the interval of its score")
      .in(&In::score, "score", "float [N]", "in 0..1; others count as the nearest end")
      .out(&Out::weights, "weights", "float [N]", "their weights, without gradient")
      .param(&Params::clip, "clip", "weights are kept between this and 1 less this", in_range(0, 0.5))
      .state(&State::table, "table", "table with one axis: a number for each of equal intervals of 0..1");
}

BinnedWeights::Out BinnedWeights::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  const torch::Tensor& table = states.table->values();
  const std::int64_t bins = table.numel();
  const torch::Tensor score = in.score.tensor.detach().to(table.device());
  const torch::Tensor bin = (score * static_cast<double>(bins)).trunc().clamp(0, static_cast<double>(bins - 1));
  return {{table.flatten().index_select(0, bin.to(torch::kInt64)).clamp(params.clip, 1 - params.clip)}};
}

}  // namespace fergraph
