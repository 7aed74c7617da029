#include "nodes/target/candidate_labels.hpp"

#include <ATen/core/grad_mode.h>
#include <algorithm>

#include "nodes/sizes.hpp"
#include "nodes/target/prototypes.hpp"
#include "nodes/target/table_rows.hpp"

namespace fergraph {

Contract<CandidateLabels> CandidateLabels::contract() {
  return Contract<CandidateLabels>("candidate_labels",
                                   "relabels ambiguous samples among candidate classes by prototypes")
      .details(
          "Host-sequential: the rows are walked in order, and later rows see what earlier ones wrote. A row is clear "
          "where its most probable class is the sample's label and its probability is at least `confident`; its "
          "feature moves the prototype. Any other row moves the sample's weights towards the similarities of its "
          "feature to the prototypes, and takes the candidate of the largest weight as label where that is at least "
          "`confident`.")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .in(&In::features, "features", "float [N,D]", "features of the same rows")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .out(&Out::clear, "clear", "bool [N]", "rows whose prediction confirms the label")
      .out(&Out::relabeled, "relabeled", "bool [N]", "ambiguous rows that got a label from a candidate")
      .out(&Out::used, "used", "bool [N]", "clear or relabeled rows")
      .out(&Out::labels, "labels", "int64 [N]", "labels after the walk")
      .out(&Out::weights, "weights", "float [N,C]", "weights of ambiguous rows, 0 for clear ones")
      .out(&Out::set, "set", "float [N,C]", "1 for the candidates of ambiguous rows, else 0")
      .param(&Params::confident, "confident", "least probability of a clear row and least weight of a new label")
      .param(&Params::candidate, "candidate", "least probability of a candidate beside the most probable class")
      .param(&Params::momentum, "momentum", "share of the old values in weights and prototypes", in_range(0, 1))
      .state(&State::prototypes, "prototypes", "table with axes [classes, features], 0 at first")
      .state(&State::weights, "weights", "table with axes [STREAM, classes]")
      .state(&State::initialised, "initialised", "bool table with axis [STREAM], 0 at first")
      .state(&State::labels, "labels", "int64 table with axis [STREAM], the labels at first");
}

CandidateLabels::Out CandidateLabels::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  Prototypes prototypes(states.prototypes->values(), {.momentum = params.momentum});
  TableRows<float> weights(*states.weights, in.index.tensor);
  TableRows<bool> initialised(*states.initialised, in.index.tensor);
  TableRows<std::int64_t> labels(*states.labels, in.index.tensor);
  const torch::Tensor features = host_features(in.features.tensor, prototypes.width());
  const torch::Tensor probs = in.probs.tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const std::int64_t rows = probs.size(0), classes = probs.size(1);
  if (classes != prototypes.classes())
    throw std::runtime_error("There are " + std::to_string(classes) + " classes but " +
                             std::to_string(prototypes.classes()) +
                             " prototypes. Make the first axis of their table 'classes'.");
  expect_rows("features", features, "probs", rows);
  expect_rows("index", in.index.tensor, "probs", rows);
  expect_classes("weights", states.weights->values(), classes);
  // As LibTorch does with numbers beside float32 tensors: rounded once, then float32 throughout.
  const auto confident = static_cast<float>(params.confident.value);
  const auto least = static_cast<float>(params.candidate.value);
  const auto kept = static_cast<float>(params.momentum);
  const auto taken = static_cast<float>(1 - params.momentum);

  const torch::Tensor clear = torch::zeros({rows}, torch::kBool), relabeled = torch::zeros({rows}, torch::kBool);
  const torch::Tensor label_of_row = torch::zeros({rows}, torch::kInt64);
  const torch::Tensor weights_of_row = torch::zeros({rows, classes}), set = torch::zeros({rows, classes});
  for (std::int64_t k = 0; k < rows; ++k) {
    const float* const p = probs.data_ptr<float>() + k * classes;
    const float* const q = features.data_ptr<float>() + k * prototypes.width();
    const std::int64_t best = std::max_element(p, p + classes) - p;
    std::int64_t& label = *labels.row(k);
    if (p[best] >= confident && best == label) {
      clear.data_ptr<bool>()[k] = true;
      prototypes.push(best, q);
    } else {
      float* const w = weights.row(k);
      bool& has_weights = *initialised.row(k);
      if (!has_weights) std::copy(p, p + classes, w);
      has_weights = true;
      float* const candidates = set.data_ptr<float>() + k * classes;
      std::int64_t winner = 0;
      float largest = -1;
      for (std::int64_t c = 0; c < classes; ++c) {
        w[c] = kept * w[c] + taken * prototypes.similarity(c, q);
        candidates[c] = c == best || p[c] >= least ? 1.0F : 0.0F;
        const float score = candidates[c] > 0 ? w[c] : 0.0F;
        if (c > 0 && score <= largest) continue;
        winner = c;
        largest = score;
      }
      if (largest >= confident) {
        label = winner;
        relabeled.data_ptr<bool>()[k] = true;
      }
      std::copy(w, w + classes, weights_of_row.data_ptr<float>() + k * classes);
    }
    label_of_row.data_ptr<std::int64_t>()[k] = label;
  }
  prototypes.write_to(states.prototypes->values());
  weights.write_back();
  initialised.write_back();
  labels.write_back();
  const torch::Device device = in.probs.tensor.device();
  const torch::Tensor used = clear.logical_or(relabeled);
  return {{clear.to(device)},        {relabeled.to(device)},      {used.to(device)},
          {label_of_row.to(device)}, {weights_of_row.to(device)}, {set.to(device)}};
}

}  // namespace fergraph
