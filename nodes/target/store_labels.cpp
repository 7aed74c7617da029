#include "nodes/target/store_labels.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<StoreLabels> StoreLabels::contract() {
  return Contract<StoreLabels>("store_labels", "writes labels of samples into a table")
      .in(&In::label, "label", "int64 [N]", "classes")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .in(&In::rows, "rows", "bool [N]", "the rows that are written; all without it")
      .param(&Params::keep_known, "keep_known", "leaves the samples alone that have a label already, one other than -1")
      .state(&State::labels, "labels", "int64 table with the stream as its axis");
}

void StoreLabels::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  torch::Tensor& labels = states.labels->values();
  expect_rows("index", in.index.tensor, "label", in.label.tensor.size(0));
  const torch::Tensor index = in.index.tensor.to(labels.device());
  const torch::Tensor old = labels.index_select(0, index);
  torch::Tensor fresh = in.label.tensor.to(labels.options());
  if (in.rows) {
    expect_rows("rows", in.rows->tensor, "label", in.label.tensor.size(0));
    fresh = torch::where(in.rows->tensor.to(labels.device()), fresh, old);
  }
  if (params.keep_known) fresh = torch::where(old == -1, fresh, old);
  labels.index_copy_(0, index, fresh);
}

}  // namespace fergraph
