// Cross-entropy with class labels or soft targets.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// What a sum over the covered rows is divided by.
enum class Over { rows, batch };

template <>
struct Words<Over> {
  static constexpr std::array<std::pair<std::string_view, Over>, 2> all = {
      {{"rows", Over::rows}, {"batch", Over::batch}}};
};

using Target = std::variant<Labels, Targets>;

/// float [N]: -Σ_c t_c log softmax(logits)_c, where t is the one-hot label or the target, mixed with `smoothing` parts
/// of the uniform distribution. A row whose label is -1 (unknown) has 0.
torch::Tensor cross_entropy_rows(const torch::Tensor& logits, const Target& target, double smoothing);

struct CrossEntropy {
  struct In {
    Logits logits;
    Target target;
    std::optional<Mask> rows;
    std::optional<Weights> weights;
  };
  struct Out {
    Loss loss;
    Score each;
  };
  struct Params {
    double smoothing = 0;
    Over over = Over::rows;
  };
  static Contract<CrossEntropy> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
