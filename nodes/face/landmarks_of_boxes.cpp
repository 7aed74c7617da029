#include "nodes/face/landmarks_of_boxes.hpp"

#include <array>
#include <vector>

namespace fergraph {
namespace {

// x, y as fractions of the box: left eye, right eye, nose, left and right corner of the mouth. Medians of MTCNN's
// landmarks in the cascade's boxes, over 110 faces in the wild, made symmetrical; they scatter by 0.05 to 0.1.
constexpr std::array<double, 10> mean_places = {0.28, 0.395, 0.72, 0.395, 0.50, 0.655, 0.32, 0.885, 0.68, 0.885};

}  // namespace

Contract<LandmarksOfBoxes> LandmarksOfBoxes::contract() {
  return Contract<LandmarksOfBoxes>("landmarks_of_boxes",
                                    "Places five landmarks in each box where they are in the mean face.")
      .details(
          "For the boxes of haarcascade_frontalface_default.xml, of upright faces. It stands in where a template is "
          "wanted and no detector of landmarks is at hand: faces then lie on it in the mean, and turned ones askew. "
          "Landmarks that are known already are kept.")
      .in(&In::faces, "faces", "faces", "what detect_haar found in a photograph")
      .out(&Out::faces, "faces", "faces", "the same with landmarks");
}

LandmarksOfBoxes::Out LandmarksOfBoxes::run(const In& in) const {
  std::vector<FoundFace> faces(in.faces.all().begin(), in.faces.all().end());
  for (FoundFace& face : faces) {
    if (face.landmarks) continue;
    Landmarks& points = face.landmarks.emplace();
    for (std::size_t i = 0; i < points.size(); i += 2) {
      points[i] = static_cast<float>(face.box.x + mean_places[i] * face.box.width);
      points[i + 1] = static_cast<float>(face.box.y + mean_places[i + 1] * face.box.height);
    }
  }
  return {{std::make_shared<const std::vector<FoundFace>>(std::move(faces))}};
}

}  // namespace fergraph
