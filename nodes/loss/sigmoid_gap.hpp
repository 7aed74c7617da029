// Learning from classes that rows do not have, by how far each class's sigmoid stays behind the largest.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// With u = sigmoid(logits) and d_c = max(u) - u_c: the binary cross-entropy of d with the complementary labels, mean
/// over the covered rows and all classes, logarithms clamped at -100. A complementary label at the largest logit has
/// d = 0: the term is 100, and what it adds to the gradient cancels.
///
/// `mask_as_index` gives what happens where the rows' mask is taken for row numbers (true for 1): the loss is that of
/// the batch's second row alone, whichever rows are covered.
struct SigmoidGap {
  struct In {
    Logits logits;
    Targets complementary;
    std::optional<Mask> rows;
  };
  struct Out {
    Loss loss;
  };
  struct Params {
    bool mask_as_index = false;
  };
  static Contract<SigmoidGap> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
