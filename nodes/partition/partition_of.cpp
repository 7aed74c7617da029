#include "nodes/partition/partition_of.hpp"

#include "nodes/partition/partition_by_class.hpp"

namespace fergraph {

Contract<PartitionOf> PartitionOf::contract() {
  return Contract<PartitionOf>("partition_of", "the subset of each row, looked up by sample")
      .in(&In::index, "index", "int64 [N]", "sample of each row")
      .out(&Out::subset, "subset", "int64 [N]", "0 clean, 1 ambiguous, 2 noisy, other numbers: not decided yet")
      .out(&Out::clean, "clean", "bool [N]", "the clean rows")
      .out(&Out::ambiguous, "ambiguous", "bool [N]", "the ambiguous rows")
      .out(&Out::noisy, "noisy", "bool [N]", "the noisy rows")
      .state(&State::subset, "subset", "int64 table with the stream as its axis, as partition_by_class writes it");
}

PartitionOf::Out PartitionOf::run(const In& in, const State& states) const {
  const torch::Tensor& table = states.subset->values();
  const torch::Tensor subset = table.index_select(0, in.index.tensor.to(table.device())).to(torch::kInt64);
  const auto is = [&](Subset wanted) { return Mask{subset == static_cast<std::int64_t>(wanted)}; };
  return {{subset}, is(Subset::clean), is(Subset::ambiguous), is(Subset::noisy)};
}

}  // namespace fergraph
