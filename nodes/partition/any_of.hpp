// The union of subsets of the rows.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// rows[n] where at least one of the masks covers the row.
struct AnyOf {
  struct In {
    std::vector<Mask> masks;
  };
  struct Out {
    Mask rows;
  };
  static Contract<AnyOf> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
