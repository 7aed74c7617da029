#include "nodes/face/align_face.hpp"

namespace fergraph {
namespace {

constexpr const char* template_doc =
    "where the landmarks come to rest. arcface: the five points of Deng et al., CVPR 2019; three-point: the eyes and "
    "the "
    "middle of the mouth's corners alone, at the same places";

}  // namespace

Contract<AlignLandmarks> AlignLandmarks::contract() {
  return Contract<AlignLandmarks>("align_landmarks",
                                  "Warps a face onto a template by the similarity transform of five landmarks.")
      .details(
          "Least squares (Umeyama, PAMI 1991), bilinear, with area averaging first where the face shrinks by two or "
          "more. Landmarks that are not "
          "finite or coincide become a void.")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph, or its part from a region of these landmarks")
      .in(&In::landmarks, "landmarks", "float [10]", "eyes, nose, corners of the mouth, in pixels")
      .out(&Out::image, "image", "uint8 [S,S,3]", "the aligned face")
      .param(&Params::face_template, "template", template_doc)
      .param(&Params::size, "size", "side of the face in pixels; the template is scaled to it",
             in_range(face_sizes.low, face_sizes.high))
      .param(&Params::border, "border", "what stands beyond the photograph");
}

AlignLandmarks::Out AlignLandmarks::run(const In& in, const Params& params) const {
  AlignedFace face =
      align_landmarks(in.image.pixels, in.landmarks.values, template_, size_, params.border, in.image.window);
  if (!face) throw Void{face.reason};
  return {{std::move(face.pixels)}};
}

Contract<AlignBox> AlignBox::contract() {
  return Contract<AlignBox>("align_box", "Cuts the square around a face's box and resizes it.")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph, or its part from a region of this box")
      .in(&In::box, "box", "float [4]", "x, y, width, height in pixels")
      .out(&Out::image, "image", "uint8 [S,S,3]", "the face")
      .param(&Params::size, "size", "side of the face in pixels", in_range(face_sizes.low, face_sizes.high))
      .param(&Params::margin, "margin", "added on each side, as a fraction of the box",
             in_range(Params::margins.low, Params::margins.high))
      .param(&Params::shift_down, "shift_down", "moves the cut down, as a fraction of the box",
             in_range(Params::shifts.low, Params::shifts.high))
      .param(&Params::border, "border", "what stands beyond the photograph");
}

AlignBox::Out AlignBox::run(const In& in, const Params& params) const {
  const auto& [x, y, width, height] = in.box.values;
  AlignedFace face = align_box(in.image.pixels, FaceBox{x, y, width, height}, params, in.image.window);
  if (!face) throw Void{face.reason};
  return {{std::move(face.pixels)}};
}

}  // namespace fergraph
