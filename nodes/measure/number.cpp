#include "nodes/measure/number.hpp"

namespace fergraph {

Contract<NumberNode> NumberNode::contract() {
  return Contract<NumberNode>("number", "the value of a formula over the clock")
      .out(&Out::value, "value", "float []", "the value")
      .param(&Params::value, "value", "the formula", required);
}

NumberNode::Out NumberNode::run(const Params& params) const { return {{params.value}}; }

}  // namespace fergraph
