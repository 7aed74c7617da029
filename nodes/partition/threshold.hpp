// Splits rows by one threshold.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Where a score belongs that equals the threshold.
enum class EqualScores { above, below };

template <>
struct Words<EqualScores> {
  static constexpr std::array<std::pair<std::string_view, EqualScores>, 2> all = {
      {{"above", EqualScores::above}, {"below", EqualScores::below}}};
};

/// above[n] = score[n] >= at, or > at with `equal: below`, in the score's precision. NaN is below.
struct Threshold {
  struct In {
    Score score;
  };
  struct Out {
    Mask above;
    Mask below;
    Number used;
  };
  struct Params {
    Formula at = 0.95;
    EqualScores equal = EqualScores::above;
  };
  static Contract<Threshold> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
