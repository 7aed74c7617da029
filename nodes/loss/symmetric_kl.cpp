#include "nodes/loss/symmetric_kl.hpp"

#include "nodes/loss/reduction.hpp"

namespace fergraph {

Contract<SymmetricKl> SymmetricKl::contract() {
  return Contract<SymmetricKl>("symmetric_kl", "Kullback-Leibler divergence in both directions")
      .in(&In::a, "a", "float [N,C]", "scores before softmax")
      .in(&In::b, "b", "float [N,C]", "scores of the same rows; the gradient flows into both")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .out(&Out::loss, "loss", "float []", "mean over the covered rows of KL(a||b) + KL(b||a), 0 where there is none")
      .out(&Out::each, "each", "float [N]", "of every row, without gradient");
}

SymmetricKl::Out SymmetricKl::run(const In& in) const {
  const torch::Tensor a = torch::log_softmax(in.a.tensor, 1), b = torch::log_softmax(in.b.tensor, 1);
  const torch::Tensor each = ((a.exp() - b.exp()) * (a - b)).sum(1);
  return {{mean_over(each, in.rows)}, {each.detach()}};
}

}  // namespace fergraph
