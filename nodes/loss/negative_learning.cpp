#include "nodes/loss/negative_learning.hpp"

#include "nodes/loss/reduction.hpp"

namespace fergraph {

Contract<NegativeLearning> NegativeLearning::contract() {
  return Contract<NegativeLearning>("negative_learning", "pushes probabilities of complementary classes down")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .in(&In::complementary, "complementary", "float [N,C]", "1 for each class that a row does not have")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .out(&Out::loss, "loss", "float []", "mean over the covered rows, 0 where there is none")
      .out(&Out::each, "each", "float [N]", "of every row, without gradient")
      .param(&Params::form, "form", "log: -Σ ȳ log(1 - p); linear: -Σ ȳ (1 - p)")
      .param(&Params::floor, "floor", "lower bound of 1 - p in the logarithm", above(0));
}

NegativeLearning::Out NegativeLearning::run(const In& in, const Params& params) const {
  const torch::Tensor rest = 1 - in.probs.tensor;
  const torch::Tensor term = params.form == NegativeForm::log ? rest.clamp_min(params.floor).log() : rest;
  const torch::Tensor each = -(in.complementary.tensor.to(rest.options()) * term).sum(1);
  return {{mean_over(each, in.rows)}, {each.detach()}};
}

}  // namespace fergraph
