#include "nodes/score/rescale.hpp"

#include <ATen/core/grad_mode.h>

namespace fergraph {

Contract<Rescale> Rescale::contract() {
  return Contract<Rescale>("rescale", "brings the scores of a whole set between 0 and 1, by two percentiles")
      .details("The outputs carry no gradient. Where both percentiles are equal every score becomes `inset`.")
      .in(&In::score, "score", "float [N]", "scores of any range, such as a loss of each sample")
      .out(&Out::score, "score", "float [N]", "from inset to 1-inset")
      .out(&Out::inside, "inside", "bool [N]", "the rows whose score was between the percentiles")
      .param(&Params::lower, "lower", "the percentile that becomes 0", in_range(0, 100))
      .param(&Params::upper, "upper", "the percentile that becomes 1", in_range(0, 100))
      .param(&Params::inset, "inset", "distance of the ends from 0 and 1", in_range(0, 0.5));
}

Rescale::Out Rescale::run(const In& in, const Params& params) const {
  const at::NoGradGuard no_grad;
  const torch::Tensor score = in.score.tensor.detach();
  if (score.numel() == 0) throw std::runtime_error("There is no score to take percentiles of: the set is empty.");
  const torch::Tensor sorted = std::get<0>(score.sort());
  // Between the two neighbours of its place, as numpy.percentile.
  const auto percentile = [&](double percent) {
    const double place = percent / 100 * static_cast<double>(sorted.size(0) - 1);
    const auto below = static_cast<std::int64_t>(place);
    const std::int64_t above = std::min(below + 1, sorted.size(0) - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
  };
  const torch::Tensor low = percentile(params.lower), high = percentile(params.upper);
  torch::Tensor scaled = (score - low) / (high - low + 1e-6);
  scaled = scaled.masked_fill(scaled >= 1, 1 - params.inset).masked_fill(scaled <= 0, params.inset);
  return {{scaled}, {(score >= low).logical_and(score <= high)}};
}

}  // namespace fergraph
