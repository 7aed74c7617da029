// The nodes `align_landmarks` and `align_box`: a face of one size, cut out of a photograph. Faces that cannot be cut
// out become voids.
#pragma once

#include "graph/contract.hpp"
#include "nodes/face/align.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/values.hpp"

namespace fergraph {

template <>
struct Words<FaceBorder> {
  static constexpr std::array<std::pair<std::string_view, FaceBorder>, 2> all = {
      {{"replicate", FaceBorder::replicate}, {"black", FaceBorder::black}}};
};

template <>
struct Words<TemplateName> {
  static constexpr std::array<std::pair<std::string_view, TemplateName>, 2> all = {
      {{"arcface", TemplateName::arcface}, {"three-point", TemplateName::three_point}}};
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
    TemplateName face_template = TemplateName::arcface;
    int size = 112;
    FaceBorder border = FaceBorder::replicate;
  };
  explicit AlignLandmarks(const Params& params)
      : template_(face_template(params.face_template, params.size)), size_(params.size) {}
  static Contract<AlignLandmarks> contract();
  std::int64_t sample_bytes() const { return std::int64_t{3} * size_ * size_; }
  Out run(const In& in, const Params& params) const;

 private:
  FaceTemplate template_;
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
