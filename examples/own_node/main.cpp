// A node of one's own in a program of one's own: temperature scaling of logits, usable from any pipeline file.
//   own_node nodes temperature
//   own_node run my-pipeline.yaml
#include "cli/program.hpp"
#include "nodes/values.hpp"

#include "graph/contract.hpp"

namespace {

/// softmax(logits / T): softer distributions for T > 1 (Guo et al., "On calibration of modern neural networks", 2017).
struct Temperature {
  struct In {
    fergraph::Logits logits;
  };
  struct Out {
    fergraph::Probs probs;
  };
  struct Params {
    fergraph::Formula temperature = 1;
  };

  static fergraph::Contract<Temperature> contract() {
    return fergraph::Contract<Temperature>("temperature", "Softmax of logits at a temperature.")
        .in(&In::logits, "logits", "float [N,C]", "scores before softmax")
        .out(&Out::probs, "probs", "float [N,C]", "softmax(logits / T), without gradient")
        .param(&Params::temperature, "temperature", "T; may be a formula over the clock", fergraph::above(0));
  }

  Out run(const In& in, const Params& params) const {
    return {{torch::softmax(in.logits.tensor.detach() / double(params.temperature), 1)}};
  }
};

}  // namespace

int main(int argc, char** argv) {
  return fergraph::run_program(argc, argv, [](fergraph::Registry& registry) { registry.node<Temperature>(); });
}
