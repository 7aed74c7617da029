// The node `choose_face`: one of the faces that a detector found, still as a list, so that what cuts out every face
// cuts out this one.
#pragma once

#include "graph/contract.hpp"
#include "nodes/face/face_choice.hpp"
#include "nodes/face/faces.hpp"
#include "nodes/values.hpp"

namespace fergraph {

struct ChooseFace {
  struct In {
    Image image;
    Faces faces;
  };
  struct Out {
    Faces faces;
  };
  struct Params {
    FaceChoice choose = FaceChoice::largest;
  };
  static Contract<ChooseFace> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
