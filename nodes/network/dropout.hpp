// Dropout whose masks come from the forward's own draws, never from a library's generator.
#pragma once

#include <torch/types.h>

#include "graph/random.hpp"

namespace fergraph {

class Dropout {
 public:
  /// Of eval mode: everything passes.
  Dropout() = default;
  /// Drops each number with this probability and divides those that stay by 1 - probability; `draws` must outlive it.
  Dropout(double probability, Random& draws) : probability_(probability), draws_(&draws) {}

  torch::Tensor operator()(const torch::Tensor& numbers) const;

  /// Of the forward in train mode, nullptr in eval mode.
  Random* draws() const { return draws_; }

 private:
  double probability_ = 0;
  Random* draws_ = nullptr;
};

}  // namespace fergraph
