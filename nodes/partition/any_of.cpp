#include "nodes/partition/any_of.hpp"

#include "nodes/sizes.hpp"

namespace fergraph {

Contract<AnyOf> AnyOf::contract() {
  return Contract<AnyOf>("any_of", "the rows that at least one of several masks covers")
      .in(&In::masks, "masks", "bool [N]", "masks of the same rows")
      .out(&Out::rows, "rows", "bool [N]", "their union");
}

AnyOf::Out AnyOf::run(const In& in) const {
  if (in.masks.empty()) throw std::runtime_error("'masks' names no mask. Name at least one.");
  torch::Tensor rows = in.masks.front().tensor;
  for (std::size_t i = 1; i < in.masks.size(); ++i) {
    expect_rows("masks[" + std::to_string(i) + "]", in.masks[i].tensor, "masks[0]", rows.size(0));
    rows = rows.logical_or(in.masks[i].tensor.to(rows.device()));
  }
  return {{rows}};
}

}  // namespace fergraph
