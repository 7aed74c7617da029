// A box that is the whole photograph: for faces that are cut out already.
#pragma once

#include "graph/contract.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/values.hpp"

namespace fergraph {

struct WholePicture {
  struct In {
    Image image;
  };
  struct Out {
    Box2d box;
  };
  static Contract<WholePicture> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
