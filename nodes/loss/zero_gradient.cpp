#include "nodes/loss/zero_gradient.hpp"

#include <torch/autograd.h>

#include <unordered_set>

namespace fergraph {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct ZeroGradient : torch::autograd::Function<ZeroGradient> {
  static torch::Tensor forward(AutogradContext*, const torch::Tensor& loss) { return loss.clone(); }
  // An undefined gradient is zero, and LibTorch's operations pass it on as it is.
  static variable_list backward(AutogradContext*, variable_list) { return {torch::Tensor()}; }
};

}  // namespace

torch::Tensor with_zero_gradient(const torch::Tensor& loss) { return ZeroGradient::apply(loss); }

std::vector<bool> reached(const torch::Tensor& loss, const std::vector<torch::Tensor>& parameters) {
  std::unordered_set<torch::autograd::Node*> seen;
  std::vector<torch::autograd::Node*> open;
  const auto meet = [&](torch::autograd::Node* node) {
    if (node && seen.insert(node).second) open.push_back(node);
  };
  meet(loss.grad_fn().get());
  while (!open.empty()) {
    const torch::autograd::Node* const node = open.back();
    open.pop_back();
    for (const torch::autograd::Edge& edge : node->next_edges()) meet(edge.function.get());
  }
  std::vector<bool> found;
  for (const torch::Tensor& parameter : parameters)
    found.push_back(parameter.is_leaf() && parameter.requires_grad() &&
                    seen.contains(torch::autograd::impl::grad_accumulator(parameter).get()));
  return found;
}

}  // namespace fergraph
