#include "nodes/target/look_up_labels.hpp"

namespace fergraph {

Contract<LookUpLabels> LookUpLabels::contract() {
  return Contract<LookUpLabels>("look_up_labels", "the labels of samples, as a table holds them")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .out(&Out::labels, "labels", "int64 [N]", "their labels, -1 where unknown")
      .out(&Out::known, "known", "bool [N]", "the rows that have one")
      .out(&Out::unknown, "unknown", "bool [N]", "the other rows")
      .state(&State::labels, "labels", "int64 table with the stream as its axis");
}

LookUpLabels::Out LookUpLabels::run(const In& in, const State& states) const {
  const torch::Tensor& table = states.labels->values();
  const torch::Tensor labels = table.index_select(0, in.index.tensor.to(table.device())).to(torch::kInt64);
  return {{labels}, {labels >= 0}, {labels < 0}};
}

}  // namespace fergraph
