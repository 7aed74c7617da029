// Splits a labeled set into clean, ambiguous and noisy samples by thresholds of their classes.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// The numbers that name the subsets in tables.
enum class Subset : std::int64_t { clean = 0, ambiguous = 1, noisy = 2 };

/// For each class c with samples that are given and predicted as c: clean[c] = mean of their scores, noisy[c] = 1 -
/// clean[c]. A sample of given class y is clean where its score is above clean[y], else noisy where it is below
/// noisy[y], else ambiguous. For an epoch section.
struct PartitionByClass {
  struct In {
    Score score;
    Labels predicted;
    Labels given;
    Index index;
  };
  struct Out {
    Numbers clean;
    Numbers noisy;
    Numbers correct;
    Labels subset;
    Mask trusted;
    Number clean_size;
    Number ambiguous_size;
    Number noisy_size;
  };
  struct Params {
    double floor = 0;
  };
  struct State {
    Write<Table> clean;
    Write<Table> noisy;
    Write<Table> subset;
  };
  static Contract<PartitionByClass> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
