// Sharpening of distributions by a temperature.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// p_c^(1/T) / Σ p^(1/T) (Berthelot et al., NeurIPS 2019, eq. 7). Detached from the gradient.
struct Sharpen {
  struct In {
    Probs probs;
  };
  struct Out {
    Targets targets;
  };
  struct Params {
    Formula temperature = 0.5;
  };
  static Contract<Sharpen> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
