// Sets all numbers of a table.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"

namespace fergraph {

struct FillTable {
  struct Params {
    Formula with = 0;
  };
  struct State {
    Write<Table> table;
  };
  static Contract<FillTable> contract();
  void run(const Params& params, const State& states) const;
};

}  // namespace fergraph
