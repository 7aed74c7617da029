#include "nodes/measure/accuracy.hpp"

#include <ATen/core/grad_mode.h>

#include <limits>

#include "nodes/measure/calibration.hpp"
#include "nodes/sizes.hpp"

namespace fergraph {
namespace {

// Of one class.
struct Counts {
  std::int64_t present = 0, predicted = 0, right = 0;
};

double share(double part, std::int64_t whole) { return whole == 0 ? 0 : part / static_cast<double>(whole); }

}  // namespace

Contract<Accuracy> Accuracy::contract() {
  return Contract<Accuracy>("accuracy", "accuracy, F1, confusion matrix, recall by class, and calibration")
      .details(
          "Samples without a prediction (`missing`) count as wrong in accuracy, recall and F1; they are in no column "
          "of "
          "the confusion matrix, and as they have no confidence they are left out of the calibration. Samples of "
          "unknown class (-1) do not count. The expected calibration error (Guo et al., ICML 2017) is the mean "
          "distance "
          "between confidence and accuracy over bins of equal width of the largest probability; it means nothing where "
          "`probs` are other scores.")
      .in(&In::probs, "probs", "float [N,C]", "distributions or other scores by class")
      .in(&In::labels, "labels", "int64 [N]", "true classes")
      .in(&In::missing, "missing", "int64 [M]", "true classes of samples that have no prediction")
      .out(&Out::accuracy, "accuracy", "float []", "share of right predictions, 0..1")
      .out(&Out::confusion, "confusion", "int64 [C,C]", "rows are true classes, columns predictions")
      .out(&Out::recall, "recall", "float64 [C]", "share of right predictions by true class, NaN for an absent class")
      .out(&Out::mean_recall, "mean_recall", "float []", "mean over the classes that are present")
      .out(&Out::macro_f1, "macro_f1", "float []",
           "mean of the classes' F1, 0..1; a class that is neither true nor predicted anywhere is left out")
      .out(&Out::calibration_error, "calibration_error", "float []",
           "expected calibration error, 0..1; NaN without predictions")
      .out(&Out::reliability, "reliability", "float64 [B,3]",
           "of each bin of confidence: predictions, their mean confidence, share of right ones (NaN in an empty bin)")
      .param(&Params::bins, "bins", "bins of the calibration, of equal width from 0 to 1", at_least(1));
}

Accuracy::Out Accuracy::run(const In& in, const Params& params) const {
  const at::NoGradGuard no_grad;
  const std::int64_t classes = in.probs.tensor.size(1);
  const torch::Tensor probs = in.probs.tensor.detach();
  const torch::Tensor predicted = probs.argmax(1).to(torch::kCPU).contiguous();
  const torch::Tensor confidence = probs.amax(1).to(torch::kCPU, torch::kFloat64).contiguous();
  const torch::Tensor labels = in.labels.tensor.to(torch::kCPU, torch::kInt64).contiguous();
  expect_rows("labels", labels, "probs", predicted.size(0));
  expect_labels(labels, classes);

  const torch::Tensor confusion = torch::zeros({classes, classes}, torch::kInt64);
  std::vector<Counts> counts(static_cast<std::size_t>(classes));
  std::vector<RatedAnswer> answers;
  answers.reserve(static_cast<std::size_t>(labels.numel()));
  for (std::int64_t i = 0; i < labels.numel(); ++i) {
    const std::int64_t label = labels.data_ptr<std::int64_t>()[i];
    if (label < 0) continue;
    const std::int64_t answer = predicted.data_ptr<std::int64_t>()[i];
    ++confusion.data_ptr<std::int64_t>()[label * classes + answer];
    ++counts[static_cast<std::size_t>(label)].present;
    ++counts[static_cast<std::size_t>(answer)].predicted;
    counts[static_cast<std::size_t>(label)].right += answer == label;
    answers.push_back({confidence.data_ptr<double>()[i], answer == label});
  }
  if (in.missing) {
    const torch::Tensor missing = in.missing->tensor.to(torch::kCPU, torch::kInt64).contiguous();
    expect_labels(missing, classes);
    for (std::int64_t i = 0; i < missing.numel(); ++i)
      if (const std::int64_t label = missing.data_ptr<std::int64_t>()[i]; label >= 0)
        ++counts[static_cast<std::size_t>(label)].present;
  }

  std::int64_t all = 0, all_right = 0, with_recall = 0, with_f1 = 0;
  double recalls = 0, f1s = 0;
  std::vector<double> recall(counts.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const auto& [present, predictions, right] = counts[c];
    all += present;
    all_right += right;
    if (present + predictions > 0) {
      f1s += 2 * static_cast<double>(right) / static_cast<double>(present + predictions);
      ++with_f1;
    }
    if (present == 0) continue;
    recall[c] = static_cast<double>(right) / static_cast<double>(present);
    recalls += recall[c];
    ++with_recall;
  }
  const Calibration calibration = calibration_of(answers, params.bins);
  return {{share(static_cast<double>(all_right), all)},
          {confusion},
          {torch::tensor(recall, torch::kFloat64)},
          {share(recalls, with_recall)},
          {share(f1s, with_f1)},
          {calibration.error},
          {calibration.reliability}};
}

}  // namespace fergraph
