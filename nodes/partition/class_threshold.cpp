#include "nodes/partition/class_threshold.hpp"

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<ClassThreshold> ClassThreshold::contract() {
  return Contract<ClassThreshold>("class_threshold", "splits rows by the threshold of their class")
      .in(&In::score, "score", "float [N]", "what is compared, such as a confidence")
      .in(&In::label, "label", "int64 [N]", "the class whose threshold counts")
      .out(&Out::above, "above", "bool [N]", "score at least the threshold")
      .out(&Out::below, "below", "bool [N]", "the other rows")
      .out(&Out::used, "used", "float [C]", "the thresholds as they were")
      .state(&State::thresholds, "thresholds", "table with axes [classes]");
}

ClassThreshold::Out ClassThreshold::run(const In& in, const State& states) const {
  const torch::Tensor score = in.score.tensor.detach();
  // A copy: the table may change after this node.
  const torch::Tensor used = states.thresholds->values().clone();
  expect_rows("label", in.label.tensor, "score", score.size(0));
  expect_labels(in.label.tensor, used.size(0));
  const torch::Tensor above = score >= used.index_select(0, in.label.tensor.to(used.device())).to(score.scalar_type());
  return {{above}, {above.logical_not()}, {used}};
}

}  // namespace fergraph
