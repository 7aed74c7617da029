#include "nodes/partition/same_labels.hpp"

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<SameLabels> SameLabels::contract() {
  return Contract<SameLabels>("same_labels", "splits rows by whether two labelings agree")
      .in(&In::a, "a", "int64 [N]", "classes, such as labels that a method edits")
      .in(&In::b, "b", "int64 [N]", "classes, such as the labels as they were given")
      .out(&Out::same, "same", "bool [N]", "the rows on which they agree")
      .out(&Out::changed, "changed", "bool [N]", "the other rows");
}

SameLabels::Out SameLabels::run(const In& in) const {
  expect_rows("b", in.b.tensor, "a", in.a.tensor.size(0));
  const torch::Tensor same = in.a.tensor == in.b.tensor.to(in.a.tensor.device());
  return {{same}, {same.logical_not()}};
}

}  // namespace fergraph
