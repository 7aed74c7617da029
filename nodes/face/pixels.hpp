// Nodes from a photograph to an aligned face: decode, detect, align. Faces that cannot be made become voids.
#pragma once

#include <memory>

#include "graph/contract.hpp"
#include "nodes/face/align.hpp"
#include "nodes/face/haar.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/values.hpp"

namespace fergraph {

template <>
struct Words<FaceChoice> {
  static constexpr std::array<std::pair<std::string_view, FaceChoice>, 3> all = {
      {{"largest", FaceChoice::largest}, {"central", FaceChoice::central}, {"best", FaceChoice::best}}};
};
template <>
struct Words<FaceBorder> {
  static constexpr std::array<std::pair<std::string_view, FaceBorder>, 2> all = {
      {{"replicate", FaceBorder::replicate}, {"black", FaceBorder::black}}};
};

struct Decode {
  struct In {
    Photograph photo;
  };
  struct Out {
    Image image;
  };
  struct Params {
    std::int64_t max_bytes = std::int64_t{64} << 20;
    std::int64_t max_pixels = 100'000'000;
  };
  static Contract<Decode> contract();
  Out run(const In& in, const Params& params) const;
};

class DetectHaar {
 public:
  struct In {
    Image image;
  };
  struct Out {
    Box2d box;
  };
  struct Params : HaarParams {
    FaceChoice choose = FaceChoice::best;
  };
  explicit DetectHaar(const Params& params) : detector_(std::make_shared<HaarDetector>(params)) {}
  static Contract<DetectHaar> contract();
  std::string fingerprint() const;
  Out run(const In& in, const Params& params) const;

 private:
  std::shared_ptr<const HaarDetector> detector_;
};

class AlignLandmarks {
 public:
  struct In {
    Image image;
    FivePoints landmarks;
  };
  struct Out {
    Image image;
  };
  struct Params {
    std::string face_template = "arcface";
    int size = 112;
    FaceBorder border = FaceBorder::replicate;
  };
  explicit AlignLandmarks(const Params& params)
      : template_(face_template(params.face_template, params.size)), size_(params.size) {}
  static Contract<AlignLandmarks> contract();
  std::int64_t sample_bytes() const { return std::int64_t{3} * size_ * size_; }
  Out run(const In& in, const Params& params) const;

 private:
  Landmarks template_;
  int size_;
};

class AlignBox {
 public:
  struct In {
    Image image;
    Box2d box;
  };
  struct Out {
    Image image;
  };
  using Params = BoxParams;
  explicit AlignBox(const Params& params) : size_(params.size) {}
  static Contract<AlignBox> contract();
  std::int64_t sample_bytes() const { return std::int64_t{3} * size_ * size_; }
  Out run(const In& in, const Params& params) const;

 private:
  int size_;
};

}  // namespace fergraph
