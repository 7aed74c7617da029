#include "nodes/target/weights_of.hpp"

namespace fergraph {

Contract<WeightsOf> WeightsOf::contract() {
  return Contract<WeightsOf>("weights_of", "the weight of each row, looked up by sample")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .out(&Out::weights, "weights", "float [N]", "their weights, without gradient")
      .state(&State::table, "table", "table with the stream as its axis");
}

WeightsOf::Out WeightsOf::run(const In& in, const State& states) const {
  const torch::Tensor& table = states.table->values();
  return {{table.index_select(0, in.index.tensor.to(table.device()))}};
}

}  // namespace fergraph
