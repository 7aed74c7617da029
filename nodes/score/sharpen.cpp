#include "nodes/score/sharpen.hpp"

namespace fergraph {

Contract<Sharpen> Sharpen::contract() {
  return Contract<Sharpen>("sharpen", "raises distributions to the power 1/temperature and normalises them")
      .in(&In::probs, "probs", "float [N,C]", "distributions")
      .out(&Out::targets, "targets", "float [N,C]", "sharpened distributions, without gradient")
      .param(&Params::temperature, "temperature", "below 1 sharpens, 1 keeps", above(0));
}

Sharpen::Out Sharpen::run(const In& in, const Params& params) const {
  // Through logarithms: the powers themselves would all be 0 at a low temperature.
  return {{torch::softmax(in.probs.tensor.detach().log() / params.temperature.value, 1)}};
}

}  // namespace fergraph
