#include "nodes/target/complementary_labels.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "nodes/sizes.hpp"
#include "nodes/target/table_rows.hpp"

namespace fergraph {
namespace {

// The least probable class that may enter, or -1.
std::int64_t least_probable(const float* p, const float* held, std::int64_t classes, bool skip_zeros) {
  std::int64_t least = -1;
  for (std::int64_t c = 0; c < classes; ++c)
    if (held[c] == 0 && !(skip_zeros && p[c] == 0) && (least < 0 || p[c] < p[least])) least = c;
  return least;
}

void enter(const float* p, float* held, std::int64_t classes, const ComplementaryLabels::Params& params) {
  const auto below = static_cast<float>(params.below.value);
  for (;;) {
    const std::int64_t least = least_probable(p, held, classes, params.skip_zeros);
    if (least < 0) return;
    double rest = 1;
    if (params.per_visit == PerVisit::all) {
      rest = 0;
      for (std::int64_t c = 0; c < classes; ++c)
        if (held[c] == 0) rest += p[c];
    }
    // Compared as float32 where nothing is masked.
    const float probability = rest == 1 ? p[least] : static_cast<float>(p[least] / rest);
    if (!(probability <= below)) return;
    held[least] = 1;
    if (params.per_visit == PerVisit::one) return;
  }
}

}  // namespace

Contract<ComplementaryLabels> ComplementaryLabels::contract() {
  return Contract<ComplementaryLabels>("complementary_labels", "collects per sample the classes that it does not have")
      .details(
          "Host-sequential: the covered rows in ascending order. Of the classes that are not in the sample's bank yet, "
          "the least probable one enters it where its probability is at most `below`. With `per_visit: all` the "
          "probabilities are those of a softmax over the classes that are not in the bank, and classes enter until the "
          "least one is above `below`; the last class of all never can.")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .in(&In::rows, "rows", "bool [N]", "the rows that may add a class; all without it")
      .out(&Out::labels, "labels", "float [N,C]", "1 for each class that a row does not have")
      .out(&Out::bank, "bank", "float [N,C]",
           "the banks of all rows after the update; other than `labels` only with `mask_as_index`")
      .param(&Params::below, "below", "largest probability of a class that enters; may be a formula over the clock")
      .param(&Params::per_visit, "per_visit", "one class per visit of a sample, or all whose turn comes")
      .param(&Params::skip_zeros, "skip_zeros", "whether a class whose probability is exactly 0 never enters")
      .param(&Params::mask_as_index, "mask_as_index",
             "the rows' mask taken for row numbers, true for 1: every covered row reads and writes the bank of the "
             "batch's second row; to measure what that costs")
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
  const bool any = covered.any().item<bool>();
  if (params.mask_as_index && any && rows < 2)
    throw std::runtime_error(
        "'mask_as_index' takes the batch's second row, but there is only one. Make batches of two or more samples, or "
        "leave it off.");

  torch::Tensor shared;  // of the second row, before any class enters
  if (params.mask_as_index && any) shared = bank.gathered()[1].clone();
  torch::Tensor labels = shared.defined() ? bank.gathered() : torch::Tensor();
  for (std::int64_t i = 0; i < rows; ++i) {
    if (!covered.data_ptr<bool>()[i]) continue;
    const float* const p = probs.data_ptr<float>() + i * classes;
    if (!shared.defined()) {
      enter(p, bank.row(i), classes, params);
      continue;
    }
    float* const row = labels.data_ptr<float>() + i * classes;
    std::copy_n(shared.data_ptr<float>(), classes, row);
    enter(p, row, classes, params);
    std::copy_n(row, classes, bank.row(1));
  }
  bank.write_back();
  const torch::Device device = in.probs.tensor.device();
  const torch::Tensor after = bank.gathered().to(device);
  return {{labels.defined() ? labels.to(device) : after}, {after}};
}

}  // namespace fergraph
