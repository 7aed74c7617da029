#include "nodes/face/faces.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "graph/context.hpp"

namespace fergraph {

Faces sorted_by_size(std::vector<FoundFace> faces) {
  const auto key = [](const FoundFace& face) {
    const FaceBox& box = face.box;
    return std::make_tuple(-double{box.width} * box.height, -box.score, box.x, box.y);
  };
  std::stable_sort(faces.begin(), faces.end(), [&](const FoundFace& a, const FoundFace& b) { return key(a) < key(b); });
  return {std::make_shared<const std::vector<FoundFace>>(std::move(faces))};
}

const FoundFace& chosen_of(const Faces& faces, cv::Size photograph, FaceChoice choice) {
  std::vector<FaceBox> boxes;
  for (const FoundFace& each : faces.all()) boxes.push_back(each.box);
  const auto chosen = choose_face_index(boxes, photograph, choice);
  if (!chosen) throw Void{"No face was found."};
  return faces.all()[*chosen];
}

}  // namespace fergraph
