#include "nodes/loss/weighted_sum.hpp"

#include "nodes/loss/zero_gradient.hpp"

namespace fergraph {

Contract<WeightedSum> WeightedSum::contract() {
  return Contract<WeightedSum>("weighted_sum", "sum of losses, each times its weight")
      .details("Absent terms are left out; an empty sum is 0, without gradient.")
      .in(&In::terms, "terms", "float []", "a map from loss to weight; weights may be formulas over the clock")
      .out(&Out::loss, "loss", "float []", "the sum");
}

WeightedSum::Out WeightedSum::run(const In& in) const {
  torch::Tensor sum;
  for (const Weighted<Loss>& term : in.terms) {
    torch::Tensor weighted = term.value.tensor * term.weight;
    if (term.weight == 0) weighted = with_zero_gradient(weighted);
    sum = sum.defined() ? sum + weighted : weighted;
  }
  return {Loss{sum.defined() ? sum : torch::zeros({})}};
}

}  // namespace fergraph
