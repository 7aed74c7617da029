#include "nodes/target/update_prototypes.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/sizes.hpp"
#include "nodes/target/prototypes.hpp"

namespace fergraph {

Contract<UpdatePrototypes> UpdatePrototypes::contract() {
  return Contract<UpdatePrototypes>("update_prototypes", "moves the prototypes of classes by the features of a batch")
      .details(
          "Host-sequential: the covered rows in ascending order. Prototype = momentum * prototype + (1 - momentum) * "
          "feature, divided by its L2 norm with `normalize`; with `first: store` a prototype of zeros becomes the "
          "feature. With `running_mean`, prototype = (prototype * count + feature) / (count + 1) instead, and the "
          "count grows: a class whose count is 0 gets the feature, whatever its prototype was.")
      .in(&In::features, "features", "float [N,D]", "features")
      .in(&In::label, "label", "int64 [N]", "the class whose prototype moves")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .param(&Params::momentum, "momentum", "share of the old prototype", in_range(0, 1))
      .param(&Params::normalize, "normalize", "keep prototypes at L2 norm 1")
      .param(&Params::first, "first", "whether a prototype of zeros becomes its first feature or moves as others do")
      .param(&Params::running_mean, "running_mean",
             "whether prototypes are means over the rows that `counts` has counted; a formula over the clock, 0 for no")
      .state(&State::prototypes, "prototypes", "table with axes [classes, features], 0 at first")
      .state(&State::counts, "counts", "table with axes [classes], 0 at first; needed for `running_mean`");
}

void UpdatePrototypes::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  const bool is_mean = params.running_mean.value != 0;
  if (is_mean && !states.counts) throw std::runtime_error("'running_mean' needs a table of 'counts'.");
  Prototypes prototypes(states.prototypes->values(), {params.momentum, params.normalize,
                                                      /*store_first=*/params.first == FirstFeature::store});
  const torch::Tensor features = host_features(in.features.tensor, prototypes.width());
  const torch::Tensor labels = in.label.tensor.to(torch::kCPU, torch::kInt64).contiguous();
  const torch::Tensor rows =
      in.rows ? in.rows->tensor.to(torch::kCPU).contiguous() : torch::ones_like(labels, torch::kBool);
  expect_rows("label", labels, "features", features.size(0));
  expect_rows("rows", rows, "features", features.size(0));
  torch::Tensor counts;
  if (is_mean) {
    expect_classes("counts", (*states.counts)->values(), prototypes.classes());
    counts = (*states.counts)->values().to(torch::kCPU, torch::kFloat32).contiguous();
  }
  for (std::int64_t i = 0; i < labels.size(0); ++i) {
    if (!rows.data_ptr<bool>()[i]) continue;
    const std::int64_t label = labels.data_ptr<std::int64_t>()[i];
    const float* const feature = features.data_ptr<float>() + i * prototypes.width();
    if (is_mean)
      prototypes.average(label, feature, counts.data_ptr<float>());
    else
      prototypes.push(label, feature);
  }
  prototypes.write_to(states.prototypes->values());
  if (is_mean) (*states.counts)->values().copy_(counts);
}

}  // namespace fergraph
