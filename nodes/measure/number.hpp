// A formula's value, to be recorded or handed on.
#pragma once

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

struct NumberNode {
  struct Out {
    Number value;
  };
  struct Params {
    Formula value = 0;
  };
  static Contract<NumberNode> contract();
  Out run(const Params& params) const;
};

}  // namespace fergraph
