#include "nodes/measure/selection_quality.hpp"

#include <ATen/core/grad_mode.h>

#include <array>

#include "nodes/measure/selection_counts.hpp"

namespace fergraph {
namespace {

double share(const torch::Tensor& part, const torch::Tensor& whole) {
  return part.item<double>() / whole.item<double>();  // 0/0 is NaN
}

}  // namespace

Contract<SelectionQuality> SelectionQuality::contract() {
  return Contract<SelectionQuality>("selection_quality",
                                    "shares and accuracy of what was selected, and the noise found in the rest")
      .details(
          "Reads the counts of `count_selected` and sets them to zero: once per epoch, in `epoch_end`. What has "
          "nothing "
          "to be a share of is NaN (null in metrics.jsonl): the accuracy of a class of which nothing was selected, or "
          "any accuracy where no true class is known.")
      .out(&Out::share, "share", "float64 [C]", "of the rows of each class, the part that was selected")
      .out(&Out::accuracy, "accuracy", "float64 [C]", "of the selected rows, the part whose class is the true one")
      .out(&Out::share_all, "share_all", "float []", "of all rows, the part that was selected")
      .out(&Out::accuracy_all, "accuracy_all", "float []", "of all selected rows, the part whose class is the true one")
      .out(&Out::precision, "precision", "float []",
           "of the rows that were not selected, the part whose class is wrong")
      .out(&Out::recall, "recall", "float []", "of the rows whose class is wrong, the part that was not selected")
      .out(&Out::flagged, "flagged", "float []", "of all rows, the part that was not selected")
      .out(&Out::selected, "selected", "int64 []", "rows that were selected")
      .out(&Out::others, "others", "int64 []", "rows that were not")
      .out(&Out::counts, "counts", "int64 [C,2,3]", "by class: not selected, selected; wrong, right, unknown")
      .state(&State::counts, "counts", "int64 table with axes [classes, 2, 3], as count_selected writes it");
}

SelectionQuality::Out SelectionQuality::run(const State& states) const {
  const at::NoGradGuard no_grad;
  classes_of_counts(*states.counts);
  const torch::Tensor counts = states.counts->values().to(torch::kCPU, torch::kInt64, false, /*copy=*/true);
  states.counts->values().zero_();

  const auto cells = [&](std::int64_t selected, Outcome outcome) {
    return counts.select(1, selected).select(1, static_cast<std::int64_t>(outcome)).to(torch::kFloat64);
  };
  const torch::Tensor all = counts.sum({1, 2}).to(torch::kFloat64);
  const torch::Tensor selected = counts.select(1, 1).sum(1).to(torch::kFloat64);
  const torch::Tensor others = all - selected;
  const torch::Tensor right = cells(1, Outcome::right), wrong = cells(1, Outcome::wrong);
  const torch::Tensor flagged_right = cells(0, Outcome::right), flagged_wrong = cells(0, Outcome::wrong);
  return {{selected / all},
          {right / (right + wrong)},
          {share(selected.sum(), all.sum())},
          {share(right.sum(), (right + wrong).sum())},
          {share(flagged_wrong.sum(), (flagged_right + flagged_wrong).sum())},
          {share(flagged_wrong.sum(), (flagged_wrong + wrong).sum())},
          {share(others.sum(), all.sum())},
          {selected.sum().item<double>()},
          {others.sum().item<double>()},
          {counts}};
}

}  // namespace fergraph
