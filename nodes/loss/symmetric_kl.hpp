// Symmetric Kullback-Leibler divergence of two networks' outputs.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// KL(a||b) + KL(b||a) = Σ_c (a_c - b_c)(log a_c - log b_c) of the softmaxes (Wei et al., CVPR 2020, eq. 3).
struct SymmetricKl {
  struct In {
    Logits a;
    Logits b;
    std::optional<Mask> rows;
  };
  struct Out {
    Loss loss;
    Score each;
  };
  static Contract<SymmetricKl> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
