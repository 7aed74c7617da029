#include "nodes/score/label_similarity.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<LabelSimilarity> LabelSimilarity::contract() {
  return Contract<LabelSimilarity>("label_similarity", "cosine of distributions and their given labels")
      .details("The outputs carry no gradient. A row of unknown class (-1) has the similarity 0.")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .in(&In::labels, "labels", "int64 [N]", "given classes")
      .out(&Out::similarity, "similarity", "float [N]", "in 0..1")
      .out(&Out::score, "score", "float [N]", "the same, off the ends of the interval by `inset`")
      .param(&Params::inset, "inset", "similarities of at least 1 become 1-inset, of at most 0 inset; 0 leaves them",
             in_range(0, 0.5));
}

LabelSimilarity::Out LabelSimilarity::run(const In& in, const Params& params) const {
  const at::NoGradGuard no_grad;
  const torch::Tensor probs = in.probs.tensor.detach();
  const torch::Tensor labels = in.labels.tensor.to(probs.device());
  expect_rows("labels", labels, "probs", probs.size(0));
  expect_labels(in.labels.tensor, probs.size(1));
  const torch::Tensor of_label = probs.gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1);
  const torch::Tensor similarity = (of_label / probs.norm(2, 1)).masked_fill(labels < 0, 0);
  if (params.inset == 0) return {{similarity}, {similarity}};
  const torch::Tensor score =
      similarity.masked_fill(similarity >= 1, 1 - params.inset).masked_fill(similarity <= 0, params.inset);
  return {{similarity}, {score}};
}

}  // namespace fergraph
