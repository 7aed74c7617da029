#include "nodes/target/fill_table.hpp"

#include <ATen/core/grad_mode.h>

namespace fergraph {

Contract<FillTable> FillTable::contract() {
  return Contract<FillTable>("fill_table", "sets all numbers of a table")
      .param(&Params::with, "with", "the number; may be a formula over the clock")
      .state(&State::table, "table", "the table");
}

void FillTable::run(const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  states.table->values().fill_(params.with.value);
}

}  // namespace fergraph
