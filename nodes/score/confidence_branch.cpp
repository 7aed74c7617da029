#include "nodes/score/confidence_branch.hpp"

namespace fergraph {

Contract<ConfidenceBranch> ConfidenceBranch::contract() {
  return Contract<ConfidenceBranch>("confidence_branch", "takes the last output of a network for its confidence")
      .details("For a network that has one class more than the data: `classes: classes+1`.")
      .in(&In::logits, "logits", "float [N,K]", "scores of the classes, then that of the confidence")
      .out(&Out::logits, "logits", "float [N,C]", "scores of the classes before softmax")
      .out(&Out::probs, "probs", "float [N,C]", "their softmax")
      .out(&Out::confidence, "confidence", "float [N]", "sigmoid of the last score");
}

ConfidenceBranch::Out ConfidenceBranch::run(const In& in) const {
  const std::int64_t classes = in.logits.tensor.size(1) - 1;
  if (classes < 1)
    throw std::runtime_error(
        "A network with a confidence branch needs at least two outputs. Give it 'classes: "
        "classes+1'.");
  const torch::Tensor logits = in.logits.tensor.narrow(1, 0, classes);
  return {{logits}, {torch::softmax(logits, 1)}, {torch::sigmoid(in.logits.tensor.select(1, classes))}};
}

}  // namespace fergraph
