// Writes labels of samples into a table.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// labels[index[n]] = label[n] for the covered rows; with `keep_known` only where the table holds -1 (unknown). No
/// sample may occur in two rows with different labels: which of them stays is not said.
struct StoreLabels {
  struct In {
    Labels label;
    Index index;
    std::optional<Mask> rows;
  };
  struct Params {
    bool keep_known = false;
  };
  struct State {
    Write<Table> labels;
  };
  static Contract<StoreLabels> contract();
  void run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
