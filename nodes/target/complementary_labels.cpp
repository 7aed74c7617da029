#include "nodes/target/complementary_labels.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/sizes.hpp"
#include "nodes/target/table_rows.hpp"

namespace fergraph {

Contract<ComplementaryLabels> ComplementaryLabels::contract() {
  return Contract<ComplementaryLabels>("complementary_labels", "collects per sample the classes that it does not have")
      .details(
          "Host-sequential: the covered rows in ascending order. Of the classes that are not in the sample's bank yet, "
          "the least probable one enters it where its probability is at most `below`: one class per visit.")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .in(&In::rows, "rows", "bool [N]", "the rows that may add a class; all without it")
      .out(&Out::labels, "labels", "float [N,C]", "the banks of all rows after the update: 1 for a class not had")
      .param(&Params::below, "below", "largest probability of a class that enters; may be a formula over the clock")
      .state(&State::bank, "bank", "table with axes [STREAM, classes], 0 at first");
}

ComplementaryLabels::Out ComplementaryLabels::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  TableRows<float> bank(*states.bank, in.index.tensor);
  const torch::Tensor probs = in.probs.tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const std::int64_t rows = probs.size(0), classes = probs.size(1);
  const torch::Tensor covered =
      in.rows ? in.rows->tensor.to(torch::kCPU).contiguous() : torch::ones({rows}, torch::kBool);
  expect_rows("index", in.index.tensor, "probs", rows);
  expect_rows("rows", covered, "probs", rows);
  expect_classes("bank", states.bank->values(), classes);
  const auto below = static_cast<float>(params.below.value);
  for (std::int64_t i = 0; i < rows; ++i) {
    if (!covered.data_ptr<bool>()[i]) continue;
    const float* const p = probs.data_ptr<float>() + i * classes;
    float* const held = bank.row(i);
    std::int64_t least = -1;
    for (std::int64_t c = 0; c < classes; ++c)
      if (held[c] == 0 && (least < 0 || p[c] < p[least])) least = c;
    if (least >= 0 && p[least] <= below) held[least] = 1;
  }
  bank.write_back();
  return {{bank.gathered().to(in.probs.tensor.device())}};
}

}  // namespace fergraph
