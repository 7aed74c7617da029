// Counts how many rows of each class are selected, and how many of them bear the true class.
#pragma once

#include <optional>
#include <variant>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// For each covered row n of class c = label[n] that is not -1 (unknown): counts[c, s, t] += 1, where s = 1 for a
/// selected row and t = 1 where c is truth[n], 0 where that is another class, 2 where it is -1 (see Outcome). Sums are
/// whole numbers, so their order does not matter, and the device is not waited for. Throws std::runtime_error for
/// inputs of different numbers of rows, labels beyond the classes (on the host), and a table of other axes.
struct CountSelected {
  struct In {
    Labels label;
    Labels truth;
    std::optional<std::variant<Mask, Weights>> selected;
    std::optional<Mask> rows;
  };
  struct Params {
    double at = 0.5;
  };
  struct State {
    Write<Table> counts;
  };
  static Contract<CountSelected> contract();
  void run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
