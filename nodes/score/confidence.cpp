#include "nodes/score/confidence.hpp"

namespace fergraph {

Contract<Confidence> Confidence::contract() {
  return Contract<Confidence>("confidence", "the most probable class of the mean distribution, and its probability")
      .details("The outputs carry no gradient. Of equal probabilities the first class counts.")
      .in(&In::probs, "probs", "float [N,C]", "distributions of the same rows by several views or networks")
      .out(&Out::probs, "probs", "float [N,C]", "their mean")
      .out(&Out::score, "score", "float [N]", "the largest mean probability")
      .out(&Out::label, "label", "int64 [N]", "its class");
}

Confidence::Out Confidence::run(const In& in) const {
  torch::Tensor mean = in.probs.front().tensor.detach();
  for (std::size_t i = 1; i < in.probs.size(); ++i) mean = mean + in.probs[i].tensor.detach();
  if (in.probs.size() > 1) mean = mean / static_cast<double>(in.probs.size());
  return {{mean}, {mean.amax(1)}, {mean.argmax(1)}};
}

}  // namespace fergraph
