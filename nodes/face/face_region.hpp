// The nodes `landmark_region` and `box_region`: which part of a photograph the aligned face will be made from, where
// its landmarks or its box are known before the photograph is read.
#pragma once

#include "graph/contract.hpp"
#include "nodes/face/align_face.hpp"
#include "nodes/face/photograph.hpp"

namespace fergraph {

class LandmarkRegion {
 public:
  struct In {
    FivePoints landmarks;
  };
  struct Out {
    Region region;
  };
  struct Params {
    TemplateName face_template = TemplateName::arcface;
    int size = 112;
  };
  explicit LandmarkRegion(const Params& params)
      : template_(face_template(params.face_template, params.size)), size_(params.size) {}
  static Contract<LandmarkRegion> contract();
  Out run(const In& in) const;

 private:
  FaceTemplate template_;
  int size_;
};

class BoxRegion {
 public:
  struct In {
    Box2d box;
  };
  struct Out {
    Region region;
  };
  struct Params {
    int size = BoxParams{}.size;
    double margin = BoxParams{}.margin;
    double shift_down = BoxParams{}.shift_down;
  };
  static Contract<BoxRegion> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
