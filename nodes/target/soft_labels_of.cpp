#include "nodes/target/soft_labels_of.hpp"

namespace fergraph {

Contract<SoftLabelsOf> SoftLabelsOf::contract() {
  return Contract<SoftLabelsOf>("soft_labels_of", "the soft label of each row, looked up by sample")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .out(&Out::targets, "targets", "float [N,C]", "the weights that the table holds now, in its own precision")
      .out(&Out::certain, "certain", "bool [N]", "rows of which exactly one weight is 1")
      .out(&Out::uncertain, "uncertain", "bool [N]", "the other rows")
      .state(&State::weights, "weights", "table with axes [STREAM, classes]");
}

SoftLabelsOf::Out SoftLabelsOf::run(const In& in, const State& states) const {
  const torch::Tensor& table = states.weights->values();
  if (table.dim() != 2) throw std::runtime_error("A table of soft labels needs the axes [STREAM, classes].");
  const torch::Tensor targets = table.index_select(0, in.index.tensor.to(table.device()));
  const torch::Tensor certain = (targets == 1).sum(1) == 1;
  return {{targets}, {certain}, {certain.logical_not()}};
}

}  // namespace fergraph
