#include "nodes/target/store_weights.hpp"

#include <ATen/core/grad_mode.h>

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<StoreWeights> StoreWeights::contract() {
  return Contract<StoreWeights>("store_weights", "keeps the weight of each row by its sample")
      .in(&In::weights, "weights", "float [N]", "a weight per row")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .state(&State::table, "table", "table with the stream as its axis; other samples keep theirs");
}

void StoreWeights::run(const In& in, const State& states) const {
  const at::NoGradGuard no_grad;
  torch::Tensor& table = states.table->values();
  expect_rows("index", in.index.tensor, "weights", in.weights.tensor.size(0));
  table.index_copy_(0, in.index.tensor.to(table.device()), in.weights.tensor.detach().to(table.options()));
}

}  // namespace fergraph
