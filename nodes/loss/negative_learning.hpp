// Learning from classes that rows do not have.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

enum class NegativeForm { log, linear };

template <>
struct Words<NegativeForm> {
  static constexpr std::array<std::pair<std::string_view, NegativeForm>, 2> all = {
      {{"log", NegativeForm::log}, {"linear", NegativeForm::linear}}};
};

/// -Σ_c ȳ_c log(1 - p_c) with complementary labels ȳ (Kim et al., ICCV 2019, eq. 2), or the linear form -Σ ȳ_c (1 -
/// p_c).
struct NegativeLearning {
  struct In {
    Probs probs;
    Targets complementary;
    std::optional<Mask> rows;
  };
  struct Out {
    Loss loss;
    Score each;
  };
  struct Params {
    NegativeForm form = NegativeForm::log;
    double floor = 1e-5;
  };
  static Contract<NegativeLearning> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
