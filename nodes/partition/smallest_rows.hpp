// Which rows have the smallest scores.
#pragma once

#include <torch/types.h>

#include "graph/contract.hpp"

namespace fergraph {

enum class Rounding { ceil, floor };

template <>
struct Words<Rounding> {
  static constexpr std::array<std::pair<std::string_view, Rounding>, 2> all = {
      {{"ceil", Rounding::ceil}, {"floor", Rounding::floor}}};
};

/// How many rows are kept: the share `keep` (0..1) of them, rounded with a tolerance of 1e-9.
struct KeptShare {
  Formula keep = 1;
  Rounding rounding = Rounding::ceil;
};

struct SmallestRows {
  torch::Tensor kept;  // bool [N]
  std::int64_t count;  // how many are kept
};

/// The rows of `score` (float [N]) with the smallest scores; of equal ones the first.
SmallestRows smallest_rows(const torch::Tensor& score, const KeptShare& share);

}  // namespace fergraph
