#include "nodes/partition/class_status.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<ClassStatus> ClassStatus::contract() {
  return Contract<ClassStatus>("class_status", "counts by class the samples that were selected so far")
      .details(
          "Remembers of every sample the class that it was last selected as. The status of a class is the number of "
          "its samples over that of the largest class; with `unselected: count` over the number of samples that were "
          "never selected, while that is larger.")
      .in(&In::label, "label", "int64 [N]", "pseudo-labels")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .in(&In::rows, "rows", "bool [N]", "the rows that are selected; all without it")
      .out(&Out::status, "status", "float [C]", "the status of each class after the update")
      .out(&Out::selected, "selected", "int64 [N]", "what the sample of each row was last selected as, -1: never")
      .param(&Params::unselected, "unselected", "whether the samples that were never selected bound the status")
      .state(&State::selected, "selected", "int64 table with the stream as its axis, -1 at first")
      .state(&State::status, "status", "table with axes [classes], 0 at first");
}

ClassStatus::Out ClassStatus::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  torch::Tensor& selected = states.selected->values();
  torch::Tensor& status = states.status->values();
  const torch::Device device = selected.device();
  const std::int64_t rows = in.label.tensor.size(0), classes = status.size(0);
  expect_rows("index", in.index.tensor, "label", rows);
  expect_labels(in.label.tensor, classes);
  const torch::Tensor index = in.index.tensor.to(device);
  const torch::Tensor label = in.label.tensor.to(device);
  const torch::Tensor covered =
      in.rows ? in.rows->tensor.to(device) : torch::ones({rows}, torch::TensorOptions(torch::kBool).device(device));
  expect_rows("rows", covered, "label", rows);

  // Per row the last covered row of the same sample, -1 without one: every row then writes what its sample shall hold.
  const torch::Tensor same = index.unsqueeze(1).eq(index.unsqueeze(0)).logical_and(covered.unsqueeze(0));
  const torch::Tensor last =
      torch::arange(rows, index.options()).expand({rows, rows}).masked_fill(same.logical_not(), -1).amax(1);
  const torch::Tensor now = torch::where(last >= 0, label.index_select(0, last.clamp_min(0)).to(selected.scalar_type()),
                                         selected.index_select(0, index));
  selected.index_copy_(0, index, now);

  torch::Tensor counts = torch::zeros({classes + 1}, index.options());  // the first: never selected
  counts.scatter_add_(0, selected.to(torch::kInt64) + 1, torch::ones({1}, index.options()).expand({selected.size(0)}));
  const torch::Tensor by_class = counts.narrow(0, 1, classes);
  const torch::Tensor largest = (params.unselected == Unselected::count ? counts : by_class).amax().clamp_min(1);
  status.copy_(torch::where(by_class.sum() > 0, (by_class / largest).to(status.scalar_type()), status));
  return {{status.clone()}, {now.to(torch::kInt64)}};
}

}  // namespace fergraph
