// How often the most probable class is the given one.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// accuracy = right / all and recall[c] = right[c] / present[c], over the samples whose class is known (not -1); those
/// in `missing` are present and never right. Counted on the host. Throws std::runtime_error for labels of another
/// number of rows than `probs` and for labels beyond its classes.
struct Accuracy {
  struct In {
    Probs probs;
    Labels labels;
    std::optional<Labels> missing;
  };
  struct Out {
    Number accuracy;
    Numbers confusion;
    Numbers recall;
    Number mean_recall;
  };
  static Contract<Accuracy> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
