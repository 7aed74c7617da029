// Collects, per sample, the classes that it does not have.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// How many classes may enter a sample's bank in one visit.
enum class PerVisit { one, all };

template <>
struct Words<PerVisit> {
  static constexpr std::array<std::pair<std::string_view, PerVisit>, 2> all = {
      {{"one", PerVisit::one}, {"all", PerVisit::all}}};
};

/// For every covered row in ascending order: of the classes that the sample's bank does not hold yet, the least
/// probable one enters where its probability is at most `below`. With `per_visit: all` the held classes' logits count
/// as masked: probabilities are those of a softmax over the other classes, and this is repeated, the entered class
/// masked too, until the least one is above `below` (Du et al., IJCAI 2023, figure 3 and algorithm 1, lines 19 to 23).
/// A host-sequential walk.
///
/// `mask_as_index` gives what happens where a mask is taken for row numbers (true for 1): every covered row adds to the
/// bank of the batch's second row as it was before the step, and what the last one makes of it is kept.
struct ComplementaryLabels {
  struct In {
    Probs probs;
    Index index;
    std::optional<Mask> rows;
  };
  struct Out {
    Targets labels;
    Targets bank;
  };
  struct Params {
    Formula below = 0.01;
    PerVisit per_visit = PerVisit::one;
    bool skip_zeros = false;
    bool mask_as_index = false;
  };
  struct State {
    Write<Table> bank;
  };
  static Contract<ComplementaryLabels> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
