#include "nodes/target/update_prototypes.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/sizes.hpp"
#include "nodes/target/prototypes.hpp"

namespace fergraph {

Contract<UpdatePrototypes> UpdatePrototypes::contract() {
  return Contract<UpdatePrototypes>("update_prototypes", "moves the prototypes of classes by the features of a batch")
      .details(
          "Host-sequential: the covered rows in ascending order. A prototype of zeros becomes the feature; otherwise "
          "prototype = momentum * prototype + (1 - momentum) * feature, divided by its L2 norm with `normalize`.")
      .in(&In::features, "features", "float [N,D]", "features")
      .in(&In::label, "label", "int64 [N]", "the class whose prototype moves")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .param(&Params::momentum, "momentum", "share of the old prototype", in_range(0, 1))
      .param(&Params::normalize, "normalize", "keep prototypes at L2 norm 1")
      .state(&State::prototypes, "prototypes", "table with axes [classes, features], 0 at first");
}

void UpdatePrototypes::run(const In& in, const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  Prototypes prototypes(states.prototypes->values(), params.momentum, params.normalize);
  const torch::Tensor features = host_features(in.features.tensor, prototypes.width());
  const torch::Tensor labels = in.label.tensor.to(torch::kCPU, torch::kInt64).contiguous();
  const torch::Tensor rows =
      in.rows ? in.rows->tensor.to(torch::kCPU).contiguous() : torch::ones_like(labels, torch::kBool);
  expect_rows("label", labels, "features", features.size(0));
  expect_rows("rows", rows, "features", features.size(0));
  for (std::int64_t i = 0; i < labels.size(0); ++i)
    if (rows.data_ptr<bool>()[i])
      prototypes.push(labels.data_ptr<std::int64_t>()[i], features.data_ptr<float>() + i * prototypes.width());
  prototypes.write_to(states.prototypes->values());
}

}  // namespace fergraph
