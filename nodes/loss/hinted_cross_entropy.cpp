#include "nodes/loss/hinted_cross_entropy.hpp"

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<HintedCrossEntropy> HintedCrossEntropy::contract() {
  return Contract<HintedCrossEntropy>("hinted_cross_entropy",
                                      "teaches a confidence: hints of the label may be had, and cost confidence")
      .details(
          "p' = c p + (1 - c) y with the confidence c and the one-hot label y; loss = mean(-log p'_y) + weight * "
          "mean(-log c). Only a share of the rows gets hints. The weight falls by 1 % where mean(-log c) is below the "
          "budget, and rises by 1 % where it is not, for the next call.")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .in(&In::confidence, "confidence", "float [N]", "in (0, 1)")
      .in(&In::target, "target", "int64 [N]", "classes")
      .out(&Out::loss, "loss", "float []", "the sum of both terms")
      .out(&Out::task, "task", "float []", "mean(-log p'_y)")
      .out(&Out::asked, "asked", "float []", "mean(-log c), before its weight")
      .param(&Params::hint_probability, "hint_probability", "of each row", in_range(0, 1))
      .param(&Params::budget, "budget", "β, what mean(-log c) is held near", above(0))
      .state(&State::weight, "weight", "λ: table with axes [1], 0.1 at first in the paper's code");
}

HintedCrossEntropy::Out HintedCrossEntropy::run(const In& in, const Params& params, const State& states,
                                                const Context& context) const {
  const torch::Tensor& probs = in.probs.tensor;
  const std::int64_t rows = probs.size(0);
  expect_rows("confidence", in.confidence.tensor, "probs", rows);
  expect_rows("target", in.target.tensor, "probs", rows);
  expect_labels(in.target.tensor, probs.size(1));
  Random random = context.random();
  std::vector<float> hinted(static_cast<std::size_t>(rows));
  for (float& each : hinted) each = random.chance(params.hint_probability) ? 1.0F : 0.0F;
  const torch::Tensor hints = torch::tensor(hinted).to(probs.options());

  constexpr double tiny = 1e-12;  // as in the paper's code
  const torch::Tensor confidence = in.confidence.tensor.clamp(tiny, 1 - tiny);
  const torch::Tensor given = probs.gather(1, in.target.tensor.to(probs.device()).unsqueeze(1)).squeeze(1);
  // Of the label's own entry, where y is 1: c p + (1 - c).
  const torch::Tensor with_hint = confidence * given + (1 - confidence);
  const torch::Tensor task = -(hints * with_hint + (1 - hints) * given).clamp_min(tiny).log().mean();
  const torch::Tensor asked = -confidence.log().mean();

  torch::Tensor& weight = states.weight->values();
  const torch::Tensor now = weight.to(probs.options()).clone().squeeze();
  weight.copy_(torch::where(asked.detach() < params.budget, weight / 1.01, weight / 0.99));
  return {{task + now * asked}, {task}, {asked}};
}

}  // namespace fergraph
