// Squared difference of distributions.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

enum class OverClasses { mean, sum };

template <>
struct Words<OverClasses> {
  static constexpr std::array<std::pair<std::string_view, OverClasses>, 2> all = {
      {{"mean", OverClasses::mean}, {"sum", OverClasses::sum}}};
};

/// Mean over rows of the mean or sum over classes of (a - b)². Lists are concatenated.
struct SquaredDifference {
  struct In {
    std::vector<Probs> a;
    std::vector<std::variant<Probs, Targets>> b;
    std::optional<Mask> rows;
  };
  struct Out {
    Loss loss;
    Score each;
  };
  struct Params {
    OverClasses classes = OverClasses::mean;
  };
  static Contract<SquaredDifference> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
