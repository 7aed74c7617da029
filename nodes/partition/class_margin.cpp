#include "nodes/partition/class_margin.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/partition/class_mean.hpp"
#include "nodes/sizes.hpp"

namespace fergraph {

Contract<ClassMargin> ClassMargin::contract() {
  return Contract<ClassMargin>("class_margin", "thresholds by class from the confidence of correct predictions")
      .in(&In::probs, "probs", "float [N,C]", "distributions over a whole labeled set")
      .in(&In::labels, "labels", "int64 [N]", "given classes")
      .out(&Out::margin, "margin", "float [C]", "the new margins")
      .out(&Out::correct, "correct", "int64 [C]", "correct predictions by class")
      .out(&Out::mean, "mean", "float [C]", "mean confidence of the correct predictions, -1 for a class without any")
      .param(&Params::scale, "scale", "factor on the mean confidence; may be a formula over the clock")
      .param(&Params::floor, "floor", "lower bound of the new margins")
      .param(&Params::without, "without",
             "a class without a correct prediction keeps its margin, or gets the floor (which must then be given)")
      .state(&State::margin, "margin", "table with axes [classes]");
}

ClassMargin::Out ClassMargin::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  if (params.without == WithoutCorrect::floor && !params.floor)
    throw std::runtime_error("'without: floor' needs a 'floor'.");
  const torch::Tensor probs = in.probs.tensor.detach();
  const torch::Tensor labels = in.labels.tensor.to(probs.device());
  expect_rows("labels", labels, "probs", probs.size(0));
  expect_labels(labels, probs.size(1));
  expect_classes("margin", states.margin->values(), probs.size(1));
  const ClassMean found = class_mean(probs.amax(1), labels, probs.argmax(1) == labels, probs.size(1));

  torch::Tensor& margin = states.margin->values();
  const torch::Tensor mean = found.mean.to(torch::kFloat32);
  torch::Tensor fresh = (mean * params.scale.value).to(margin.scalar_type());
  if (params.floor) fresh = fresh.clamp_min(*params.floor);
  const torch::Tensor has_any = found.count > 0;
  margin.copy_(torch::where(
      has_any, fresh, params.without == WithoutCorrect::floor ? torch::full_like(margin, *params.floor) : margin));
  return {{margin.clone()}, {found.count}, {torch::where(has_any, mean, torch::full_like(mean, -1))}};
}

}  // namespace fergraph
