// Thresholds by class from the confidence of correct predictions.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// What becomes of the margin of a class without a correct prediction.
enum class WithoutCorrect { keep, floor };

template <>
struct Words<WithoutCorrect> {
  static constexpr std::array<std::pair<std::string_view, WithoutCorrect>, 2> all = {
      {{"keep", WithoutCorrect::keep}, {"floor", WithoutCorrect::floor}}};
};

/// margin[c] = scale * mean of the largest probability over the samples of class c that are predicted as c (Li et al.,
/// CVPR 2022, eq. 1 and 2, where scale = β / (1 + γ^-epoch)).
struct ClassMargin {
  struct In {
    Probs probs;
    Labels labels;
  };
  struct Out {
    Numbers margin;
    Numbers correct;
    Numbers mean;
  };
  struct Params {
    Formula scale = 1;
    std::optional<double> floor;
    WithoutCorrect without = WithoutCorrect::keep;
  };
  struct State {
    Write<Table> margin;
  };
  static Contract<ClassMargin> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
