#include "nodes/score/weighted_scores.hpp"

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<WeightedScores> WeightedScores::contract() {
  return Contract<WeightedScores>("weighted_scores", "sum of scores of the same rows, each times its weight")
      .details("Absent terms are left out. The output carries no gradient.")
      .in(&In::terms, "terms", "float [N]", "a map from score to weight; weights may be formulas over the clock")
      .out(&Out::score, "score", "float [N]", "the sums");
}

WeightedScores::Out WeightedScores::run(const In& in) const {
  torch::Tensor sum;
  for (const Weighted<Score>& term : in.terms) {
    const torch::Tensor weighted = term.value.tensor.detach() * term.weight;
    if (sum.defined()) expect_rows("terms", weighted, "terms", sum.size(0));
    sum = sum.defined() ? sum + weighted : weighted;
  }
  if (!sum.defined())
    throw std::runtime_error("None of the 'terms' ran in this step. Put the same 'when' on this node.");
  return {{sum}};
}

}  // namespace fergraph
