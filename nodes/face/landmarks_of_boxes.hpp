// The node `landmarks_of_boxes`: five landmarks where they are in the mean face of a Haar cascade's box, for faces that
// are to lie on a template although only boxes are known.
#pragma once

#include "graph/contract.hpp"
#include "nodes/face/faces.hpp"

namespace fergraph {

struct LandmarksOfBoxes {
  struct In {
    Faces faces;
  };
  struct Out {
    Faces faces;
  };
  static Contract<LandmarksOfBoxes> contract();
  Out run(const In& in) const;
};

}  // namespace fergraph
