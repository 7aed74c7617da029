// Keeps the rows that a network finds easiest.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

enum class Rounding { ceil, floor };

template <>
struct Words<Rounding> {
  static constexpr std::array<std::pair<std::string_view, Rounding>, 2> all = {
      {{"ceil", Rounding::ceil}, {"floor", Rounding::floor}}};
};

/// The rows with the smallest cross-entropy (Han et al., NeurIPS 2018, algorithm 1). Detached from the gradient.
struct SmallLoss {
  struct In {
    Logits logits;
    Labels labels;
  };
  struct Out {
    Mask kept;
    Number ratio;
    Number count;
    Score each;
  };
  struct Params {
    Formula keep = 1;
    Rounding rounding = Rounding::ceil;
  };
  static Contract<SmallLoss> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
