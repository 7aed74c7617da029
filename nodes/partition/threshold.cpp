#include "nodes/partition/threshold.hpp"

namespace fergraph {

Contract<Threshold> Threshold::contract() {
  return Contract<Threshold>("threshold", "splits rows by one threshold")
      .in(&In::score, "score", "float [N]", "what is compared, such as a confidence")
      .out(&Out::above, "above", "bool [N]", "score at least the threshold, or more than it with `equal: below`")
      .out(&Out::below, "below", "bool [N]", "the other rows")
      .out(&Out::used, "used", "float []", "the threshold")
      .param(&Params::at, "at", "the threshold; may be a formula over the clock")
      .param(&Params::equal, "equal", "where a score belongs that equals the threshold");
}

Threshold::Out Threshold::run(const In& in, const Params& params) const {
  // LibTorch compares in the score's precision: the number is rounded to float32 first.
  const torch::Tensor score = in.score.tensor.detach();
  const torch::Tensor above = params.equal == EqualScores::above ? score >= params.at.value : score > params.at.value;
  return {{above}, {above.logical_not()}, {params.at}};
}

}  // namespace fergraph
