#include "nodes/partition/partition_by_class.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/partition/class_mean.hpp"
#include "nodes/sizes.hpp"

namespace fergraph {

Contract<PartitionByClass> PartitionByClass::contract() {
  return Contract<PartitionByClass>("partition_by_class",
                                    "splits a labeled set into clean, ambiguous and noisy samples")
      .details(
          "For each class with samples whose prediction is the given class: clean threshold = mean score of these, "
          "noisy threshold = 1 - clean threshold; other classes keep theirs. A sample is clean where its score is "
          "above the clean threshold of its given class, else noisy where it is below the noisy one, else ambiguous.")
      .in(&In::score, "score", "float [N]", "confidence of each sample")
      .in(&In::predicted, "predicted", "int64 [N]", "predicted classes")
      .in(&In::given, "given", "int64 [N]", "given classes")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .out(&Out::clean, "clean", "float [C]", "the clean thresholds that were used")
      .out(&Out::noisy, "noisy", "float [C]", "the noisy thresholds that were used")
      .out(&Out::correct, "correct", "int64 [C]", "samples by class whose prediction is the given class")
      .out(&Out::subset, "subset", "int64 [N]", "0 clean, 1 ambiguous, 2 noisy")
      .out(&Out::trusted, "trusted", "bool [N]", "the samples that are not noisy")
      .out(&Out::clean_size, "clean_size", "int64 []", "how many samples are clean")
      .out(&Out::ambiguous_size, "ambiguous_size", "int64 []", "how many are ambiguous")
      .out(&Out::noisy_size, "noisy_size", "int64 []", "how many are noisy")
      .param(&Params::floor, "floor", "lower bound of new clean thresholds; 0 for none", in_range(0, 1))
      .state(&State::clean, "clean", "table with axes [classes]")
      .state(&State::noisy, "noisy", "table with axes [classes]")
      .state(&State::subset, "subset",
             "int64 table with the stream as its axis; samples outside this pass keep theirs");
}

PartitionByClass::Out PartitionByClass::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  torch::Tensor& clean = states.clean->values();
  torch::Tensor& noisy = states.noisy->values();
  const torch::Device device = clean.device();
  const torch::Tensor score = in.score.tensor.detach().to(device);
  const torch::Tensor given = in.given.tensor.to(device);
  const torch::Tensor correct = in.predicted.tensor.to(device) == given;

  for (const auto& [name, tensor] : {std::pair("predicted", in.predicted.tensor), std::pair("given", in.given.tensor),
                                     std::pair("index", in.index.tensor)})
    expect_rows(name, tensor, "score", score.size(0));
  expect_labels(given, clean.size(0));
  expect_classes("noisy", noisy, clean.size(0));

  const ClassMean found = class_mean(score, given, correct, clean.size(0));
  torch::Tensor fresh = found.mean.to(clean.scalar_type());
  if (params.floor > 0) fresh = fresh.clamp_min(params.floor);
  const torch::Tensor has_any = found.count > 0;
  clean.copy_(torch::where(has_any, fresh, clean));
  noisy.copy_(torch::where(has_any, (1 - clean).to(noisy.scalar_type()), noisy));

  const auto of_class = [&](const torch::Tensor& table) {
    return table.index_select(0, given).to(score.scalar_type());
  };
  torch::Tensor subset = torch::full_like(given, static_cast<std::int64_t>(Subset::ambiguous));
  subset.masked_fill_(score < of_class(noisy), static_cast<std::int64_t>(Subset::noisy));
  subset.masked_fill_(score > of_class(clean), static_cast<std::int64_t>(Subset::clean));
  torch::Tensor& by_sample = states.subset->values();
  by_sample.index_copy_(0, in.index.tensor.to(device), subset.to(by_sample.scalar_type()));
  const auto size_of = [&](Subset wanted) {
    return Number{(subset == static_cast<std::int64_t>(wanted)).sum().item<double>()};
  };
  return {{clean.clone()},
          {noisy.clone()},
          {found.count},
          {subset},
          {subset != static_cast<std::int64_t>(Subset::noisy)},
          size_of(Subset::clean),
          size_of(Subset::ambiguous),
          size_of(Subset::noisy)};
}

}  // namespace fergraph
