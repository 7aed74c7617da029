// The nodes `align_all_landmarks` and `align_all_boxes`: every face of a photograph, each at one size.
#pragma once

#include "graph/contract.hpp"
#include "nodes/face/align_face.hpp"
#include "nodes/face/faces.hpp"
#include "nodes/values.hpp"

namespace fergraph {

class AlignAllLandmarks {
 public:
  struct In {
    Image image;
    Faces faces;
  };
  struct Out {
    AlignedFaces images;
  };
  using Params = AlignLandmarks::Params;
  explicit AlignAllLandmarks(const Params& params)
      : template_(face_template(params.face_template, params.size)), size_(params.size) {}
  static Contract<AlignAllLandmarks> contract();
  /// Of a photograph with one face.
  std::int64_t sample_bytes() const { return std::int64_t{3} * size_ * size_; }
  /// Throws std::invalid_argument where faces have no landmarks.
  Out run(const In& in, const Params& params) const;

 private:
  FaceTemplate template_;
  int size_;
};

class AlignAllBoxes {
 public:
  using In = AlignAllLandmarks::In;
  using Out = AlignAllLandmarks::Out;
  using Params = BoxParams;
  explicit AlignAllBoxes(const Params& params) : size_(params.size) {}
  static Contract<AlignAllBoxes> contract();
  /// Of a photograph with one face.
  std::int64_t sample_bytes() const { return std::int64_t{3} * size_ * size_; }
  Out run(const In& in, const Params& params) const;

 private:
  int size_;
};

}  // namespace fergraph
