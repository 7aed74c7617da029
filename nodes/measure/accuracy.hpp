// How often the most probable class is the given one, and how far its probability can be trusted.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Over the samples whose class is known (not -1), those in `missing` being present and never right:
/// accuracy = right / all, recall[c] = right[c] / present[c], mean_recall over the classes that are present.
/// F1[c] = 2 right[c] / (present[c] + predicted[c]); macro_f1 is its mean over the classes that are present or
/// predicted: a class that is neither has no F1 and does not count.
/// Calibration (see calibration_of) is over the answers given: those in `missing` have no confidence and are left out.
/// Counted on the host. Throws std::runtime_error for labels of another number of rows than `probs`, for labels beyond
/// its classes, and for less than one bin.
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
    Number macro_f1;
    Number calibration_error;
    Numbers reliability;
  };
  struct Params {
    std::int64_t bins = 15;
  };
  static Contract<Accuracy> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
