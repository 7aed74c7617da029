#include "nodes/target/weigh_candidates.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

#include "nodes/sizes.hpp"
#include "nodes/target/prototypes.hpp"
#include "nodes/target/table_rows.hpp"

namespace fergraph {
namespace {

void divide_by_sum(double* weights, std::int64_t classes) {
  const double sum = std::accumulate(weights, weights + classes, 0.0);
  if (sum == 0) return;
  for (std::int64_t c = 0; c < classes; ++c) weights[c] /= sum;
}

// softmax of (prototype · feature) / temperature; classes of weight 0 take part with 0. In float32, as features and
// prototypes are: a class that is far ahead gets 1 itself, which decides whether weights are one-hot already.
std::vector<double> similarities(const Prototypes& prototypes, const double* weights, const float* feature,
                                 double temperature) {
  const torch::Tensor z = torch::zeros({prototypes.classes()});
  float* const numbers = z.data_ptr<float>();
  for (std::int64_t c = 0; c < prototypes.classes(); ++c)
    if (weights[c] != 0) numbers[c] = prototypes.similarity(c, feature) / static_cast<float>(temperature);
  const torch::Tensor shares = torch::softmax(z, 0);
  return {shares.data_ptr<float>(), shares.data_ptr<float>() + shares.numel()};
}

}  // namespace

Contract<WeighCandidates> WeighCandidates::contract() {
  return Contract<WeighCandidates>("weigh_candidates",
                                   "weighs the predicted against the given class, hardens weights and edits labels")
      .details(
          "Host-sequential: the covered rows in ascending order. A row's candidates are its most probable class and "
          "its label. Where `start` holds, their weights become their probabilities; otherwise they move towards the "
          "softmax of the feature's similarities to the prototypes (0 for classes of weight 0) over `temperature`, and "
          "the sample's weights are divided by their sum. A largest weight above `harden_above` and below 1 becomes "
          "one-hot, and from `relabel_above` on its class becomes the sample's label.")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .in(&In::features, "features", "float [N,D]", "features of the same rows")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .in(&In::given, "given", "int64 [N]", "the label of each row, before this node edits any")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .out(&Out::hardened, "hardened", "bool [N]", "rows whose weights became one-hot")
      .out(&Out::relabeled, "relabeled", "bool [N]", "rows whose sample got another label")
      .param(&Params::start, "start",
             "whether weights begin anew from probabilities; a formula over the clock, 0 for no")
      .param(&Params::temperature, "temperature", "what similarities are divided by", above(0))
      .param(&Params::momentum, "momentum", "share of the old weights", in_range(0, 1))
      .param(&Params::harden_above, "harden_above", "largest weight above which weights become one-hot")
      .param(&Params::relabel_above, "relabel_above",
             "least weight, before it becomes 1, of a class that becomes the label")
      .param(&Params::relabel_classes_below, "relabel_classes_below",
             "only labels below this number are edited, and only into such; all without it")
      .param(&Params::normalised, "normalised",
             "which weights are divided by their sum after the start: the sample's own, or those of the batch's first "
             "row for the first covered row, of its second row for the second, and so on")
      .state(&State::prototypes, "prototypes", "table with axes [classes, features]")
      .state(&State::weights, "weights", "float64 table with axes [STREAM, classes]")
      .state(&State::labels, "labels", "int64 table with axis [STREAM]")
      .state(&State::log, "log",
             "log of 3 columns: sample counted from 1, its label, the class whose weight became 1; every case from "
             "`relabel_above` on");
}

WeighCandidates::Out WeighCandidates::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  const Prototypes prototypes(states.prototypes->values(), {});
  TableRows<double> weights(*states.weights, in.index.tensor);
  TableRows<std::int64_t> labels(*states.labels, in.index.tensor);
  const torch::Tensor features = host_features(in.features.tensor, prototypes.width());
  const torch::Tensor probs = in.probs.tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const torch::Tensor given = in.given.tensor.to(torch::kCPU, torch::kInt64).contiguous();
  const std::int64_t rows = probs.size(0), classes = probs.size(1);
  const torch::Tensor covered =
      in.rows ? in.rows->tensor.to(torch::kCPU).contiguous() : torch::ones({rows}, torch::kBool);
  expect_rows("features", features, "probs", rows);
  expect_rows("index", in.index.tensor, "probs", rows);
  expect_rows("given", given, "probs", rows);
  expect_rows("rows", covered, "probs", rows);
  expect_classes("weights", states.weights->values(), classes);
  expect_labels(given, classes);
  if (prototypes.classes() != classes)
    throw std::runtime_error("There are " + std::to_string(classes) + " classes but " +
                             std::to_string(prototypes.classes()) +
                             " prototypes. Make the first axis of their table 'classes'.");
  const std::int64_t editable = params.relabel_classes_below.value_or(classes);

  const torch::Tensor hardened = torch::zeros({rows}, torch::kBool), relabeled = torch::zeros({rows}, torch::kBool);
  std::int64_t counter = 0;
  for (std::int64_t k = 0; k < rows; ++k) {
    const std::int64_t label = given.data_ptr<std::int64_t>()[k];
    if (!covered.data_ptr<bool>()[k] || label < 0) continue;
    const float* const p = probs.data_ptr<float>() + k * classes;
    const std::int64_t best = std::max_element(p, p + classes) - p;
    double* const w = weights.row(k);
    if (params.start.value != 0) {
      w[best] = p[best];
      w[label] = p[label];
      divide_by_sum(params.normalised == NormalisedRow::own ? w : weights.row(counter), classes);
    } else {
      const std::vector<double> z =
          similarities(prototypes, w, features.data_ptr<float>() + k * prototypes.width(), params.temperature.value);
      // A row whose prediction is its label has one candidate, which moves once.
      for (const std::int64_t c : {best, label}) {
        w[c] = params.momentum * w[c] + (1 - params.momentum) * z[static_cast<std::size_t>(c)];
        if (best == label) break;
      }
      divide_by_sum(w, classes);
    }
    ++counter;

    const std::int64_t winner = std::max_element(w, w + classes) - w;
    const double largest = w[winner];
    if (!(largest > params.harden_above && largest < 1)) continue;
    std::fill(w, w + classes, 0.0);
    w[winner] = 1;
    hardened.data_ptr<bool>()[k] = true;
    std::int64_t& current = *labels.row(k);
    if (current == winner || largest < params.relabel_above) continue;
    if (states.log) (*states.log)->append({labels.sample(k) + 1, current, winner});
    if (current >= editable || winner >= editable) continue;
    current = winner;
    relabeled.data_ptr<bool>()[k] = true;
  }
  weights.write_back();
  labels.write_back();
  const torch::Device device = in.probs.tensor.device();
  return {{hardened.to(device)}, {relabeled.to(device)}};
}

}  // namespace fergraph
