#include "nodes/measure/accuracy.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<Accuracy> Accuracy::contract() {
  return Contract<Accuracy>("accuracy", "accuracy, confusion matrix and recall by class")
      .details(
          "Samples without a prediction (`missing`) count as wrong in accuracy and recall; they are in no column of "
          "the confusion matrix. Samples of unknown class (-1) do not count.")
      .in(&In::probs, "probs", "float [N,C]", "distributions or other scores by class")
      .in(&In::labels, "labels", "int64 [N]", "true classes")
      .in(&In::missing, "missing", "int64 [M]", "true classes of samples that have no prediction")
      .out(&Out::accuracy, "accuracy", "float []", "share of right predictions, 0..1")
      .out(&Out::confusion, "confusion", "int64 [C,C]", "rows are true classes, columns predictions")
      .out(&Out::recall, "recall", "float64 [C]", "share of right predictions by true class, -1 for an absent class")
      .out(&Out::mean_recall, "mean_recall", "float []", "mean over the classes that are present");
}

Accuracy::Out Accuracy::run(const In& in) const {
  const at::NoGradGuard no_grad;
  const std::int64_t classes = in.probs.tensor.size(1);
  const torch::Tensor predicted = in.probs.tensor.detach().argmax(1).to(torch::kCPU).contiguous();
  const torch::Tensor labels = in.labels.tensor.to(torch::kCPU, torch::kInt64).contiguous();
  expect_rows("labels", labels, "probs", predicted.size(0));
  expect_labels(labels, classes);

  const torch::Tensor confusion = torch::zeros({classes, classes}, torch::kInt64);
  std::vector<std::int64_t> present(static_cast<std::size_t>(classes)), right(static_cast<std::size_t>(classes));
  for (std::int64_t i = 0; i < labels.numel(); ++i) {
    const std::int64_t label = labels.data_ptr<std::int64_t>()[i];
    if (label < 0) continue;
    const std::int64_t answer = predicted.data_ptr<std::int64_t>()[i];
    ++confusion.data_ptr<std::int64_t>()[label * classes + answer];
    ++present[static_cast<std::size_t>(label)];
    right[static_cast<std::size_t>(label)] += answer == label;
  }
  if (in.missing) {
    const torch::Tensor missing = in.missing->tensor.to(torch::kCPU, torch::kInt64).contiguous();
    expect_labels(missing, classes);
    for (std::int64_t i = 0; i < missing.numel(); ++i)
      if (const std::int64_t label = missing.data_ptr<std::int64_t>()[i]; label >= 0)
        ++present[static_cast<std::size_t>(label)];
  }

  std::int64_t all = 0, all_right = 0, present_classes = 0;
  double sum = 0;
  std::vector<double> recall(static_cast<std::size_t>(classes), -1);
  for (std::size_t c = 0; c < recall.size(); ++c) {
    all += present[c];
    all_right += right[c];
    if (present[c] == 0) continue;
    recall[c] = static_cast<double>(right[c]) / static_cast<double>(present[c]);
    sum += recall[c];
    ++present_classes;
  }
  const auto share = [](double part, std::int64_t whole) { return whole == 0 ? 0 : part / static_cast<double>(whole); };
  return {{share(static_cast<double>(all_right), all)},
          {confusion},
          {torch::tensor(recall, torch::kFloat64)},
          {share(sum, present_classes)}};
}

}  // namespace fergraph
