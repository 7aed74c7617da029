// Gradients of losses as an optimizer takes them: those that are known to be zero are skipped, and count as zeros.
#pragma once

#include <torch/autograd.h>

#include <boost/test/unit_test.hpp>

#include "nodes/loss/zero_gradient.hpp"

namespace fergraph::test {

/// One per input, which must be leaves that the loss depends on.
inline std::vector<torch::Tensor> gradients_of(const torch::Tensor& loss, const std::vector<torch::Tensor>& inputs) {
  auto gradients = torch::autograd::grad({loss}, inputs, {}, {}, /*create_graph=*/false, /*allow_unused=*/true);
  const std::vector<bool> depends = reached(loss, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    BOOST_TEST(depends[i]);
    if (!gradients[i].defined()) gradients[i] = torch::zeros_like(inputs[i]);
  }
  return gradients;
}

}  // namespace fergraph::test
