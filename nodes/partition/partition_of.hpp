// The subsets of a batch's rows, as a table holds them by sample.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Reads what PartitionByClass wrote: the masks clean, ambiguous and noisy are disjoint, and a sample that no pass has
/// decided yet (another number in the table) is in none of them.
struct PartitionOf {
  struct In {
    Index index;
  };
  struct Out {
    Labels subset;
    Mask clean;
    Mask ambiguous;
    Mask noisy;
  };
  struct State {
    Read<Table> subset;
  };
  static Contract<PartitionOf> contract();
  Out run(const In& in, const State& states) const;
};

}  // namespace fergraph
