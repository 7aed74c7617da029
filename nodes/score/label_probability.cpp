#include "nodes/score/label_probability.hpp"

#include "nodes/score/confidence.hpp"
#include "nodes/sizes.hpp"

namespace fergraph {

Contract<LabelProbability> LabelProbability::contract() {
  return Contract<LabelProbability>("label_probability", "the mean probability of the given label")
      .details("The output carries no gradient. A row of unknown class (-1) has the probability 0.")
      .in(&In::probs, "probs", "float [N,C]", "distributions of the same rows by several views or networks")
      .in(&In::labels, "labels", "int64 [N]", "given classes")
      .out(&Out::score, "score", "float [N]", "in 0..1");
}

LabelProbability::Out LabelProbability::run(const In& in) const {
  const torch::Tensor mean = Confidence().run({in.probs}).probs.tensor;
  const torch::Tensor labels = in.labels.tensor.to(mean.device());
  expect_rows("labels", labels, "probs", mean.size(0));
  expect_labels(in.labels.tensor, mean.size(1));
  return {{mean.gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1).masked_fill(labels < 0, 0)}};
}

}  // namespace fergraph
