#include "nodes/score/label_gap.hpp"

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<LabelGap> LabelGap::contract() {
  return Contract<LabelGap>("label_gap", "how much more probable another class is than the label")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .in(&In::labels, "labels", "int64 [N]", "classes, -1 where unknown")
      .out(&Out::gap, "gap", "float [N]", "largest probability minus that of the label, from 0 to 1")
      .out(&Out::agrees, "agrees", "bool [N]", "whether the most probable class is the label");
}

LabelGap::Out LabelGap::run(const In& in) const {
  const torch::Tensor probs = in.probs.tensor.detach();
  const torch::Tensor labels = in.labels.tensor.to(probs.device());
  expect_rows("labels", labels, "probs", probs.size(0));
  expect_labels(labels, probs.size(1));
  const torch::Tensor of_label = probs.gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1);
  return {{probs.amax(1) - of_label.masked_fill(labels == -1, 0)}, {probs.argmax(1) == labels}};
}

}  // namespace fergraph
