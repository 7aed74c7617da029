// The rows on which two labelings agree.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// same[n] = (a[n] == b[n]), where a is; changed[n] is its opposite. Throws std::runtime_error for different numbers of
/// rows.
struct SameLabels {
  struct In {
    Labels a;
    Labels b;
  };
  struct Out {
    Mask same;
    Mask changed;
  };
  static Contract<SameLabels> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
