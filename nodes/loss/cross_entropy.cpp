#include "nodes/loss/cross_entropy.hpp"

#include "nodes/loss/reduction.hpp"
#include "nodes/sizes.hpp"

namespace fergraph {

torch::Tensor cross_entropy_rows(const torch::Tensor& logits, const Target& target, double smoothing) {
  const torch::Tensor log_probs = torch::log_softmax(logits, 1);
  torch::Tensor each;
  if (const Labels* labels = std::get_if<Labels>(&target)) {
    expect_rows("target", labels->tensor, "logits", logits.size(0));
    expect_labels(labels->tensor, logits.size(1));
    const torch::Tensor classes = labels->tensor.to(logits.device());
    each = torch::nll_loss(log_probs, classes, {}, at::Reduction::None, /*ignore_index=*/-1);
    if (smoothing == 0) return each;
    const torch::Tensor uniform = (-log_probs.mean(1)).masked_fill(classes == -1, 0);
    return (1 - smoothing) * each + smoothing * uniform;
  }
  each = -(std::get<Targets>(target).tensor.to(log_probs.options()) * log_probs).sum(1);
  return smoothing == 0 ? each : (1 - smoothing) * each - smoothing * log_probs.mean(1);
}

Contract<CrossEntropy> CrossEntropy::contract() {
  return Contract<CrossEntropy>("cross_entropy", "cross-entropy with class labels or soft targets")
      .details(
          "The loss is the sum over the covered rows of weight * cross-entropy, divided by their number (`over: rows`) "
          "or by the number of all rows (`over: batch`). Where no row is covered it is 0, with a gradient of 0. Rows "
          "whose label is -1 (unknown) count as 0.")
      .in(&In::logits, "logits", "float [N,C]", "scores before softmax")
      .in(&In::target, "target", "int64 [N] or float [N,C]", "classes, or distributions over them")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .in(&In::weights, "weights", "float [N]", "a factor per row")
      .out(&Out::loss, "loss", "float []", "the loss")
      .out(&Out::each, "each", "float [N]", "cross-entropy of every row, unweighted, without gradient")
      .param(&Params::smoothing, "smoothing", "share of the uniform distribution in the targets", in_range(0, 1))
      .param(&Params::over, "over", "what the sum is divided by");
}

CrossEntropy::Out CrossEntropy::run(const In& in, const Params& params) const {
  const torch::Tensor each = cross_entropy_rows(in.logits.tensor, in.target, params.smoothing);
  const torch::Tensor weighted = in.weights ? each * in.weights->tensor.to(each.options()) : each;
  if (params.over == Over::rows) return {{mean_over(weighted, in.rows)}, {each.detach()}};
  const torch::Tensor sum = in.rows ? (weighted * in.rows->tensor.to(each.options())).sum() : weighted.sum();
  const torch::Tensor loss = sum / static_cast<double>(each.size(0));
  return {{none_of(in.rows) ? with_zero_gradient(loss) : loss}, {each.detach()}};
}

}  // namespace fergraph
