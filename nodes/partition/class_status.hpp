// How far the learning of each class has come, by how many samples were selected as it.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// What the counts by class are divided by: the largest of them, the samples that were never selected counting as a
/// class of their own (`unselected: count`) or not.
enum class Unselected { count, ignore };

template <>
struct Words<Unselected> {
  static constexpr std::array<std::pair<std::string_view, Unselected>, 2> all = {
      {{"count", Unselected::count}, {"ignore", Unselected::ignore}}};
};

/// selected[index[n]] = label[n] for the covered rows, in ascending order (of a sample that occurs twice, the last
/// covered row counts); then status[c] = count of c / largest count, over the whole table (Zhang et al., NeurIPS 2021,
/// section 3, with the warm-up). The status stays where no sample was ever selected.
struct ClassStatus {
  struct In {
    Labels label;
    Index index;
    std::optional<Mask> rows;
  };
  struct Out {
    Numbers status;
    Labels selected;
  };
  struct Params {
    Unselected unselected = Unselected::count;
  };
  struct State {
    Write<Table> selected;
    Write<Table> status;
  };
  static Contract<ClassStatus> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
