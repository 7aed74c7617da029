// Draws what mixes a batch with itself.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// λ = max(l, 1-l), l ~ Beta(alpha, alpha) (Zhang et al., ICLR 2018; the maximum: Berthelot et al., NeurIPS 2019, eq.
/// 9), and an order of all rows.
struct DrawMix {
  struct In {
    std::vector<Images> images;
  };
  struct Out {
    Number lambda;
    Index perm;
  };
  struct Params {
    double alpha = 0.75;
  };
  static Contract<DrawMix> contract();
  Out run(const In& in, const Params& params, const Context& context) const;
};

/// Beta(a, b) with positive parameters, by the ratio of two gammas (Marsaglia & Tsang, 2000).
double draw_beta(Random& random, double a, double b);

}  // namespace fergraph
