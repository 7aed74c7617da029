// The painter of one face: each part of the face has its file, and all of them draw on the same canvas.
// For synthetic_face.cpp and the files of the parts only.
#pragma once

#include <array>
#include <cstddef>

#include "datasets/synthetic_face.hpp"

namespace fergraph::synthetic {

class Painter {
 public:
  Painter(const Identity& identity, const Actions& actions, const Light& light, float scale, Random& random);
  Face finish();

 private:
  using Patch = Canvas::Patch;

  void base_relief();
  void back_hair();
  void ears();
  void skin();
  void beard();
  void brow(std::size_t side);
  void eye(std::size_t side);
  void nose();
  void folds(std::size_t side);
  void forehead();
  void mouth();
  void front_hair();
  void strands(const Points& from, const Points& to, const Patch& within, const Colour& ink, int count, float bend);
  void glasses();
  void crease(const Points& line, float thickness, float strength);
  void light_up();

  static float sign(std::size_t side) { return side == 0 ? -1.0f : 1.0f; }
  float mean(const std::array<float, 2>& pair) const { return 0.5f * (pair[0] + pair[1]); }
  // Outline of the mouth: t runs from -1 (picture left corner) to 1.
  cv::Point2f lip_line(float t, float rise) const;

  const Identity& who_;
  const Actions& act_;
  const Light& light_;
  Random& random_;
  Canvas canvas_;
  float jaw_;     // How far the lower jaw has dropped.
  float nose_y_;  // With the nose's wrinkling.
  float gap_up_, gap_down_, mouth_y_, squareness_;
  std::array<float, 2> half_mouth_, corner_y_;
  Points outline_;
  std::array<Patch, 2> open_eye_;
  std::array<cv::Point2f, 2> iris_;
  std::array<cv::Point2f, 5> landmarks_;
};

}  // namespace fergraph::synthetic
