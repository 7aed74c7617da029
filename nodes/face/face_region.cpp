#include "nodes/face/face_region.hpp"

namespace fergraph {

Contract<LandmarkRegion> LandmarkRegion::contract() {
  return Contract<LandmarkRegion>("landmark_region", "The part of a photograph that align_landmarks will look at.")
      .details("Give it the template and the size of align_landmarks, and its region to decode.")
      .in(&In::landmarks, "landmarks", "float [10]", "eyes, nose, corners of the mouth, in pixels")
      .out(&Out::region, "region", "region", "a rectangle of the photograph, and how far it will shrink")
      .param(&Params::face_template, "template", "as that of align_landmarks")
      .param(&Params::size, "size", "side of the face in pixels", in_range(face_sizes.low, face_sizes.high));
}

LandmarkRegion::Out LandmarkRegion::run(const In& in) const {
  FoundRegion found = region_of_landmarks(in.landmarks.values, template_, size_);
  if (!found) throw Void{found.reason};
  return {{found.region}};
}

Contract<BoxRegion> BoxRegion::contract() {
  return Contract<BoxRegion>("box_region", "The part of a photograph that align_box will look at.")
      .details("Give it the size, the margin and the shift of align_box, and its region to decode.")
      .in(&In::box, "box", "float [4]", "x, y, width, height in pixels")
      .out(&Out::region, "region", "region", "a rectangle of the photograph, and how far it will shrink")
      .param(&Params::size, "size", "side of the face in pixels", in_range(face_sizes.low, face_sizes.high))
      .param(&Params::margin, "margin", "as that of align_box",
             in_range(BoxParams::margins.low, BoxParams::margins.high))
      .param(&Params::shift_down, "shift_down", "as that of align_box",
             in_range(BoxParams::shifts.low, BoxParams::shifts.high));
}

BoxRegion::Out BoxRegion::run(const In& in, const Params& params) const {
  const auto& [x, y, width, height] = in.box.values;
  FoundRegion found = region_of_box({x, y, width, height}, {params.size, params.margin, params.shift_down});
  if (!found) throw Void{found.reason};
  return {{found.region}};
}

}  // namespace fergraph
