#include "nodes/loss/map_difference.hpp"

#include "nodes/loss/reduction.hpp"

namespace fergraph {

Contract<MapDifference> MapDifference::contract() {
  return Contract<MapDifference>("map_difference", "squared difference of maps")
      .in(&In::a, "a", "float [N,C,h,w]", "maps")
      .in(&In::b, "b", "float [N,C,h,w]", "maps of the same rows; the gradient flows into both")
      .in(&In::rows, "rows", "bool [N]", "the rows that are covered; all without it")
      .out(&Out::loss, "loss", "float []", "mean over the covered rows, 0 where there is none")
      .out(&Out::each, "each", "float [N]", "of every row: mean over maps and positions, without gradient")
      .param(&Params::mirror, "mirror", "whether b saw a mirrored picture: left of a then lies on right of b");
}

MapDifference::Out MapDifference::run(const In& in, const Params& params) const {
  if (in.a.tensor.sizes() != in.b.tensor.sizes())
    throw std::runtime_error("'a' and 'b' have maps of different numbers, rows or sizes. Give both views one size.");
  const torch::Tensor b = params.mirror ? in.b.tensor.flip({3}) : in.b.tensor;
  const torch::Tensor each = (in.a.tensor - b).square().flatten(1).mean(1);
  return {{mean_over(each, in.rows)}, {each.detach()}};
}

}  // namespace fergraph
