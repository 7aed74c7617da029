#include "nodes/face/face_template.hpp"

#include <array>
#include <stdexcept>

namespace fergraph {
namespace {

constexpr std::array<double, 10> arcface_at_112 = {38.2946, 51.6963, 73.5318, 51.5014, 56.0252,
                                                   71.7366, 41.5493, 92.3655, 70.7299, 92.2041};

template <class Number>
std::vector<Number> eyes_and_mouth(const std::array<Number, 10>& five) {
  return {five[0], five[1], five[2], five[3], (five[6] + five[8]) / 2, (five[7] + five[9]) / 2};
}

}  // namespace

std::vector<float> FaceTemplate::points_of(const Landmarks& landmarks) const {
  if (points.size() == 6) return eyes_and_mouth(landmarks);
  return {landmarks.begin(), landmarks.end()};
}

FaceTemplate face_template(TemplateName name, int size) {
  face_sizes.require("The size of faces in pixels", size);
  const std::vector<double> at_112 = name == TemplateName::three_point
                                         ? eyes_and_mouth(arcface_at_112)
                                         : std::vector<double>(arcface_at_112.begin(), arcface_at_112.end());
  FaceTemplate scaled;
  for (const double value : at_112) scaled.points.push_back(static_cast<float>((value + 0.5) * size / 112 - 0.5));
  return scaled;
}

}  // namespace fergraph
