// Of what was selected during an epoch: how much, and how much of it rightly.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Reads the counts of CountSelected, waiting for the device, and sets them to zero. Of class c:
///   share[c] = selected / all;  accuracy[c] = right / (right + wrong) among the selected rows;
/// over all classes share_all, accuracy_all, flagged = 1 - share_all, and of the rows that were not selected, taken as
/// told to be wrong: precision = wrong / (wrong + right) among them, recall = wrong among them / wrong in all.
/// Rows of unknown truth count in shares alone. What has nothing to be a share of is NaN. Throws std::runtime_error for
/// a table of other axes.
struct SelectionQuality {
  struct Out {
    Numbers share;
    Numbers accuracy;
    Number share_all;
    Number accuracy_all;
    Number precision;
    Number recall;
    Number flagged;
    Number selected;
    Number others;
    Numbers counts;
  };
  struct State {
    Write<Table> counts;
  };
  static Contract<SelectionQuality> contract();
  Out run(const State& states) const;
};

}  // namespace fergraph
