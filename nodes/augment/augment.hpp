// Views of a face: random flips, crops, colours and occlusions, drawn from the sample's own sequence.
#pragma once

#include <vector>

#include "graph/contract.hpp"
#include "nodes/augment/operation.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Applies the operations in their order. The input is never written; where no operation is applied, the view is the
/// input itself.
struct Augment {
  struct In {
    Image image;
  };
  struct Out {
    Image image;
  };
  struct Params {
    std::vector<ViewOperation> ops;
  };
  static Contract<Augment> contract();
  Out run(const In& in, const Params& params, const Context& context) const;
};

}  // namespace fergraph
