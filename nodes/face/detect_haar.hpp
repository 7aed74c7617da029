// The node `detect_haar`: the box of the face in a photograph. Photographs without a face become voids.
#pragma once

#include <memory>

#include "graph/contract.hpp"
#include "nodes/face/face_choice.hpp"
#include "nodes/face/faces.hpp"
#include "nodes/face/haar.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/values.hpp"

namespace fergraph {

class DetectHaar {
 public:
  struct In {
    Image image;
    std::optional<Box2d> known_box;
  };
  struct Out {
    Box2d box;
    std::optional<Faces> faces;
  };
  struct Params : HaarParams {
    FaceChoice choose = FaceChoice::largest;
  };
  explicit DetectHaar(const Params& params) : detector_(std::make_shared<HaarDetector>(params)) {}
  static Contract<DetectHaar> contract();
  std::string fingerprint() const;
  Out run(const In& in, const Params& params) const;

 private:
  std::shared_ptr<const HaarDetector> detector_;
};

}  // namespace fergraph
