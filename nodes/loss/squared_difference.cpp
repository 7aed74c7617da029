#include "nodes/loss/squared_difference.hpp"

#include "nodes/loss/reduction.hpp"

namespace fergraph {

Contract<SquaredDifference> SquaredDifference::contract() {
  return Contract<SquaredDifference>("squared_difference", "squared difference of distributions")
      .in(&In::a, "a", "float [N*,C]", "distributions")
      .in(&In::b, "b", "float [N*,C] or float [N*,C]", "distributions of the same rows; the gradient flows into both")
      .in(&In::rows, "rows", "bool [N*]", "the rows that are covered; all without it")
      .out(&Out::loss, "loss", "float []", "mean over the covered rows, 0 where there is none")
      .out(&Out::each, "each", "float [N*]", "of every row, without gradient")
      .param(&Params::classes, "classes", "mean or sum over the classes");
}

SquaredDifference::Out SquaredDifference::run(const In& in, const Params& params) const {
  std::vector<torch::Tensor> a, b;
  for (const Probs& probs : in.a) a.push_back(probs.tensor);
  for (const auto& entry : in.b) b.push_back(std::visit([](const auto& value) { return value.tensor; }, entry));
  const torch::Tensor first = torch::cat(a), second = torch::cat(b);
  if (first.sizes() != second.sizes())
    throw std::runtime_error("'a' and 'b' have different numbers of rows or classes.");
  const torch::Tensor squares = (first - second).square();
  const torch::Tensor each = params.classes == OverClasses::mean ? squares.mean(1) : squares.sum(1);
  return {{mean_over(each, in.rows)}, {each.detach()}};
}

}  // namespace fergraph
