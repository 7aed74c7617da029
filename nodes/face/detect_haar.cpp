#include "nodes/face/detect_haar.hpp"

#include <fstream>
#include <sstream>
#include <utility>

#include "cache/fingerprint.hpp"
#include "nodes/face/known_face.hpp"
#include "nodes/face/whole_photograph.hpp"

namespace fergraph {

Contract<DetectHaar> DetectHaar::contract() {
  return Contract<DetectHaar>("detect_haar", "Finds the face with an OpenCV Haar cascade (Viola and Jones, CVPR 2001).")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .in(&In::known_box, "known_box", "float [4]", known_box_doc)
      .out(&Out::box, "box", "float [4]", "the face's box")
      .out(&Out::faces, "faces", "faces", all_faces_doc)
      .param(&Params::cascade, "cascade", "a file of OpenCV's cascades, or a path")
      .param(&Params::scale_factor, "scale_factor", "ratio of neighbouring window sizes",
             in_range(Params::scale_factors.low, Params::scale_factors.high))
      .param(&Params::min_neighbors, "min_neighbors", "windows that must agree",
             in_range(Params::neighbors.low, Params::neighbors.high))
      .param(&Params::min_size, "min_size", "smallest face as a fraction of the shorter side",
             in_range(Params::sizes.low, Params::sizes.high))
      .param(&Params::equalize, "equalize", "stretch the histogram first")
      .param(&Params::retry_pad, "retry_pad",
             "border for a second look where nothing was found, as a fraction of the shorter side; 0: none",
             in_range(Params::retry_pads.low, Params::retry_pads.high))
      .param(&Params::retry_side, "retry_side", "shorter side of the second look in pixels",
             in_range(Params::retry_sides.low, Params::retry_sides.high))
      .param(&Params::choose, "choose", "which of several faces");
}

std::string DetectHaar::fingerprint() const {
  std::ifstream file(detector_->file(), std::ios::binary);
  std::ostringstream xml;
  xml << file.rdbuf();
  return hash_of_json(xml.str());
}

DetectHaar::Out DetectHaar::run(const In& in, const Params& params) const {
  if (in.known_box) return {*in.known_box, {}};
  std::vector<FoundFace> found;
  for (const FaceBox& box : detector_->detect(whole_photograph(in.image))) found.push_back({box, {}});
  const Faces faces = sorted_by_size(std::move(found));
  return {box_of(chosen_of(faces, in.image.pixels.size(), params.choose)), faces};
}

}  // namespace fergraph
