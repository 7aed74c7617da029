// How much more probable another class is than the label.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// gap[n] = max_c p[n,c] - p[n,label[n]]: 0 where the prediction is the label. A row of unknown class (-1) counts as
/// one whose label has no probability.
struct LabelGap {
  struct In {
    Probs probs;
    Labels labels;
  };
  struct Out {
    Score gap;
    Mask agrees;
  };
  static Contract<LabelGap> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
