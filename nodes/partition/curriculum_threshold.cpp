#include "nodes/partition/curriculum_threshold.hpp"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "nodes/sizes.hpp"

namespace fergraph {
namespace {

// The threshold comes first into the product, as the sum in float32 depends on the order.
torch::Tensor thresholds_of(const torch::Tensor& status, double at, StatusMapping mapping) {
  switch (mapping) {
    case StatusMapping::linear:
      return status * at;
    case StatusMapping::convex:
      return status * at / (2 - status);
    case StatusMapping::concave:
      return status.log1p() * (at / std::log(2.0));
  }
  return {};
}

}  // namespace

Contract<CurriculumThreshold> CurriculumThreshold::contract() {
  return Contract<CurriculumThreshold>("curriculum_threshold",
                                       "splits rows by a threshold that rises with the status of their class")
      .in(&In::score, "score", "float [N]", "what is compared, such as a confidence")
      .in(&In::label, "label", "int64 [N]", "the class whose status counts")
      .out(&Out::above, "above", "bool [N]", "score at least the threshold")
      .out(&Out::below, "below", "bool [N]", "the other rows")
      .out(&Out::used, "used", "float [C]", "the thresholds of the classes")
      .param(&Params::at, "at", "the threshold of a class of status 1; may be a formula over the clock")
      .param(&Params::mapping, "mapping", "the share of it by the status x: x, x/(2-x) or ln(x+1)/ln 2")
      .state(&State::status, "status", "table with axes [classes], from 0 to 1, as class_status writes it");
}

CurriculumThreshold::Out CurriculumThreshold::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  const torch::Tensor score = in.score.tensor.detach();
  const torch::Tensor used =
      thresholds_of(states.status->values().to(score.options()), params.at.value, params.mapping);
  expect_rows("label", in.label.tensor, "score", score.size(0));
  expect_labels(in.label.tensor, used.size(0));
  const torch::Tensor above = score >= used.index_select(0, in.label.tensor.to(used.device()));
  return {{above}, {above.logical_not()}, {used}};
}

}  // namespace fergraph
