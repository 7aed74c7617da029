// Contrast of two views in one batch.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

enum class Anchors { a, both };

template <>
struct Words<Anchors> {
  static constexpr std::array<std::pair<std::string_view, Anchors>, 2> all = {
      {{"a", Anchors::a}, {"both", Anchors::both}}};
};

/// InfoNCE (van den Oord et al., 2018, eq. 4; Chen et al., ICML 2020, eq. 1): the other view of an anchor against all
/// other features of both views, by cosine similarity over the temperature.
struct InfoNce {
  struct In {
    Features a;
    Features b;
    std::optional<Mask> rows;
  };
  struct Out {
    Loss loss;
  };
  struct Params {
    Formula temperature = 0.1;
    Anchors anchors = Anchors::both;
  };
  static Contract<InfoNce> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
