#include "nodes/partition/small_loss.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/loss/cross_entropy.hpp"

namespace fergraph {

Contract<SmallLoss> SmallLoss::contract() {
  return Contract<SmallLoss>("small_loss", "keeps the rows with the smallest cross-entropy")
      .details("Of equal losses the first rows are kept. The outputs carry no gradient.")
      .in(&In::logits, "logits", "float [N,C]", "scores before softmax")
      .in(&In::labels, "labels", "int64 [N]", "given classes")
      .out(&Out::kept, "kept", "bool [N]", "the rows that are kept")
      .out(&Out::ratio, "ratio", "float []", "the share that was asked for")
      .out(&Out::count, "count", "float []", "the number of rows that are kept")
      .out(&Out::each, "each", "float [N]", "cross-entropy of each row")
      .param(&Params::keep, "keep", "share of the rows; may be a formula over the clock", in_range(0, 1))
      .param(&Params::rounding, "rounding", "of share times rows, with a tolerance of 1e-9");
}

SmallLoss::Out SmallLoss::run(const In& in, const Params& params) const {
  const at::NoGradGuard no_grad;
  const torch::Tensor each = cross_entropy_rows(in.logits.tensor.detach(), in.labels, 0);
  const SmallestRows found = smallest_rows(each, params);
  return {{found.kept}, {params.keep}, {static_cast<double>(found.count)}, {each}};
}

}  // namespace fergraph
