// How often the most probable class is the given one.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

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
