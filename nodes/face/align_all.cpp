#include "nodes/face/align_all.hpp"

#include <utility>

namespace fergraph {
namespace {

constexpr const char* left_out =
    "Faces stay in their order, the largest first. One that cannot be cut out is left out; a photograph of which none "
    "is left becomes a void.";

template <class Cut>
AlignedFaces cut_all(const Faces& faces, const Cut& cut) {
  std::vector<CutFace> all;
  std::string reason = "No face was found.";
  for (const FoundFace& face : faces.all()) {
    AlignedFace aligned = cut(face);
    if (aligned)
      all.push_back({std::move(aligned.pixels), face});
    else
      reason = std::move(aligned.reason);
  }
  if (all.empty()) throw Void{reason};
  return {std::make_shared<const std::vector<CutFace>>(std::move(all))};
}

}  // namespace

Contract<AlignAllLandmarks> AlignAllLandmarks::contract() {
  return Contract<AlignAllLandmarks>("align_all_landmarks",
                                     "Warps every face of a photograph onto a template, as align_landmarks does one.")
      .details(left_out)
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .in(&In::faces, "faces", "faces", "what detect_mtcnn or detect_yunet found in it")
      .out(&Out::images, "images", "uint8 [K,S,S,3]", "the aligned faces, with their boxes and landmarks")
      .param(&Params::face_template, "template", "as that of align_landmarks")
      .param(&Params::size, "size", "side of the faces in pixels; the template is scaled to it",
             in_range(face_sizes.low, face_sizes.high))
      .param(&Params::border, "border", "what stands beyond the photograph");
}

AlignAllLandmarks::Out AlignAllLandmarks::run(const In& in, const Params& params) const {
  return {cut_all(in.faces, [&](const FoundFace& face) {
    if (!face.landmarks)
      throw std::invalid_argument(
          "These faces have no landmarks: detect_haar finds boxes alone. Use align_all_boxes, or detect_mtcnn or "
          "detect_yunet.");
    return align_landmarks(in.image.pixels, *face.landmarks, template_, size_, params.border, in.image.window);
  })};
}

Contract<AlignAllBoxes> AlignAllBoxes::contract() {
  return Contract<AlignAllBoxes>("align_all_boxes",
                                 "Cuts the square around every face of a photograph and resizes it, as align_box does "
                                 "one.")
      .details(left_out)
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .in(&In::faces, "faces", "faces", "what a detector found in it")
      .out(&Out::images, "images", "uint8 [K,S,S,3]", "the faces, with their boxes and landmarks")
      .param(&Params::size, "size", "side of the faces in pixels", in_range(face_sizes.low, face_sizes.high))
      .param(&Params::margin, "margin", "as that of align_box", in_range(Params::margins.low, Params::margins.high))
      .param(&Params::shift_down, "shift_down", "as that of align_box",
             in_range(Params::shifts.low, Params::shifts.high))
      .param(&Params::border, "border", "what stands beyond the photograph");
}

AlignAllBoxes::Out AlignAllBoxes::run(const In& in, const Params& params) const {
  return {cut_all(
      in.faces, [&](const FoundFace& face) { return align_box(in.image.pixels, face.box, params, in.image.window); })};
}

}  // namespace fergraph
