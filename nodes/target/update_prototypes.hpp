// Moves prototypes of classes by the features of a batch.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// What becomes of the first feature that meets a prototype of zeros.
enum class FirstFeature { store, move };

template <>
struct Words<FirstFeature> {
  static constexpr std::array<std::pair<std::string_view, FirstFeature>, 2> all = {
      {{"store", FirstFeature::store}, {"move", FirstFeature::move}}};
};

/// The covered rows in ascending order move the prototypes of their classes: by a moving average, or by the mean of all
/// rows that `counts` has counted. A host-sequential walk.
struct UpdatePrototypes {
  struct In {
    Features features;
    Labels label;
    std::optional<Mask> rows;
  };
  struct Params {
    double momentum = 0.99;
    bool normalize = true;
    FirstFeature first = FirstFeature::store;
    Formula running_mean = 0;
  };
  struct State {
    Write<Table> prototypes;
    std::optional<Write<Table>> counts;
  };
  static Contract<UpdatePrototypes> contract();
  void run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
