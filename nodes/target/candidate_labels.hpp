// Relabels ambiguous samples among candidate classes by prototypes.
#pragma once

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Partial-label disambiguation by prototypes (Wang et al., ICLR 2022, eq. 5 to 7) for noisy labels. For every batch
/// position in ascending order, with sample n, distribution p, feature q and a = arg max p:
/// - clear, where p[a] >= confident and a is the current label: q is pushed into the prototype of a;
/// - otherwise the candidates are a and every class with p >= candidate; the sample's weights start as p and move to
///   momentum * weights + (1 - momentum) * (prototypes · q); where the largest weight of a candidate is >= confident,
///   its class becomes the sample's label.
/// A host-sequential walk: later rows see what earlier rows wrote.
struct CandidateLabels {
  struct In {
    Probs probs;
    Features features;
    Index index;
  };
  struct Out {
    Mask clear;
    Mask relabeled;
    Mask used;
    Labels labels;
    Targets weights;
    Targets set;
  };
  struct Params {
    Formula confident = 0.8;
    Formula candidate = 0.1;
    double momentum = 0.99;
  };
  struct State {
    Write<Table> prototypes;
    Write<Table> weights;
    Write<Table> initialised;
    Write<Table> labels;
  };
  static Contract<CandidateLabels> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
