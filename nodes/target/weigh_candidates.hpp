// Moves soft labels between the given and the predicted class, hardens them and edits labels.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/log.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Which row of weights is divided by its sum after the start: that of the sample, or that of the sample at the batch
/// position that counts the covered rows (as happens where a loop's counter stands in for what it counts).
enum class NormalisedRow { own, counter };

template <>
struct Words<NormalisedRow> {
  static constexpr std::array<std::pair<std::string_view, NormalisedRow>, 2> all = {
      {{"own", NormalisedRow::own}, {"counter", NormalisedRow::counter}}};
};

/// For every covered row in ascending order, with sample n, distribution p, feature q, label t and a = arg max p. The
/// candidates are a and t.
/// - Where `start` holds, their weights become p[a] and p[t], and a row of weights is divided by its sum.
/// - Otherwise z = softmax over all classes of (prototype · q) / temperature, where classes of weight 0 have 0 for the
///   dot product; the candidates' weights become momentum * weight + (1 - momentum) * z, and the sample's weights are
///   divided by their sum.
/// - Where harden_above < the largest weight v < 1, the weights become one-hot. If its class l is not the sample's
/// label
///   and v >= relabel_above, the row (n+1, label, l) enters the log, and l becomes the label if both are below
///   `relabel_classes_below`.
/// A host-sequential walk: later rows see what earlier rows wrote.
struct WeighCandidates {
  struct In {
    Probs probs;
    Features features;
    Index index;
    Labels given;
    std::optional<Mask> rows;
  };
  struct Out {
    Mask hardened;
    Mask relabeled;
  };
  struct Params {
    Formula start = 0;
    Formula temperature = 0.1;
    double momentum = 0.99;
    double harden_above = 0.985;
    double relabel_above = 0.996;
    std::optional<std::int64_t> relabel_classes_below;
    NormalisedRow normalised = NormalisedRow::own;
  };
  struct State {
    Read<Table> prototypes;
    Write<Table> weights;
    Write<Table> labels;
    std::optional<Write<Log>> log;
  };
  static Contract<WeighCandidates> contract();
  Out run(const In& in, const Params& params, const State& states) const;
};

}  // namespace fergraph
