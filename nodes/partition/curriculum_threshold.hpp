// Splits rows by a threshold that rises with how far the learning of their class has come.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// How a class's status becomes its share of the threshold: x, x/(2-x), or ln(x+1)/ln 2.
enum class StatusMapping { linear, convex, concave };

template <>
struct Words<StatusMapping> {
  static constexpr std::array<std::pair<std::string_view, StatusMapping>, 3> all = {
      {{"linear", StatusMapping::linear}, {"convex", StatusMapping::convex}, {"concave", StatusMapping::concave}}};
};

/// above[n] = score[n] >= at * mapping(status[label[n]]), in the score's precision (Zhang et al., NeurIPS 2021,
/// section 3). NaN is below.
struct CurriculumThreshold {
  struct In {
    Score score;
    Labels label;
  };
  struct Out {
    Mask above;
    Mask below;
    Numbers used;
  };
  struct Params {
    Formula at = 0.95;
    StatusMapping mapping = StatusMapping::convex;
  };
  struct State {
    Read<Table> status;
  };
  static Contract<CurriculumThreshold> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
