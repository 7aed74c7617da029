#include "nodes/measure/count_selected.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/measure/selection_counts.hpp"
#include "nodes/sizes.hpp"

namespace fergraph {

Contract<CountSelected> CountSelected::contract() {
  return Contract<CountSelected>("count_selected", "counts by class how many rows are selected, and how many are right")
      .details(
          "`label` is what a method takes for the class: its guess for an unlabeled sample, or the given label, which "
          "may be wrong. The truth is only counted with. `selection_quality` makes shares of the counts once per "
          "epoch.")
      .in(&In::label, "label", "int64 [N]", "classes; rows of -1 are not counted")
      .in(&In::truth, "truth", "int64 [N]", "the true classes, -1 where unknown: a batch's item `truth: faces.clean`")
      .in(&In::selected, "selected", "bool [N] or float [N]", "the rows that are used, or weights; all rows without it")
      .in(&In::rows, "rows", "bool [N]", "the rows that are counted; all without it")
      .param(&Params::at, "at", "a row is selected from this weight on, where `selected` is weights")
      .state(&State::counts, "counts", "int64 table with axes [classes, 2, 3]: selected or not; wrong, right, unknown");
}

void CountSelected::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  const std::int64_t classes = classes_of_counts(*states.counts);
  expect_labels(in.label.tensor, classes);
  torch::Tensor& counts = states.counts->values();
  const torch::Device device = counts.device();
  const torch::Tensor label = in.label.tensor.to(device, torch::kInt64);
  expect_rows("truth", in.truth.tensor, "label", label.size(0));

  const torch::Tensor truth = in.truth.tensor.to(device);
  torch::Tensor cell = label == truth;
  cell = cell.to(torch::kInt64).masked_fill_(truth < 0, static_cast<std::int64_t>(Outcome::unknown));
  if (in.selected) {
    const torch::Tensor selected = std::holds_alternative<Mask>(*in.selected)
                                       ? std::get<Mask>(*in.selected).tensor
                                       : std::get<Weights>(*in.selected).tensor.detach() >= params.at;
    expect_rows("selected", selected, "label", label.size(0));
    cell.add_(selected.to(device, torch::kInt64), outcomes);
  } else {
    cell.add_(outcomes);
  }
  cell.add_(label.clamp_min(0), 2 * outcomes);

  torch::Tensor counted = label >= 0;
  if (in.rows) {
    expect_rows("rows", in.rows->tensor, "label", label.size(0));
    counted = counted.logical_and(in.rows->tensor.to(device));
  }
  counts.view(-1).index_add_(0, cell, counted.to(torch::kInt64));
}

}  // namespace fergraph
