// Where the landmarks of an aligned face come to rest.
#pragma once

#include <vector>

#include "cache/face.hpp"
#include "nodes/face/range.hpp"

namespace fergraph {

/// The side of a face in pixels.
inline constexpr Range face_sizes{8, 4096};

/// The points of a face of one size that a fit aims at.
struct FaceTemplate {
  FaceTemplate() = default;
  /// A template of the five landmarks in their order.
  FaceTemplate(const Landmarks& five) : points(five.begin(), five.end()) {}

  /// The points of a photograph's landmarks that come to rest on the template's, as many of them and in their order.
  std::vector<float> points_of(const Landmarks& landmarks) const;

  /// x, y in pixels of the face: of the five landmarks (10 numbers), or of the left eye, the right eye and the middle
  /// of the mouth's corners (6 numbers).
  std::vector<float> points;
};

enum class TemplateName {
  /// Five points, given at 112 (Deng et al., "ArcFace", CVPR 2019); Progressive Teacher (Jiang and Deng, IEEE TAFFC
  /// 2021) aligns to the same at 112.
  arcface,
  /// Both eyes and the middle of the mouth's corners, as ReSup aligns (Zhang et al.); the paper is silent on the
  /// places, so they are those of `arcface`. The mouth's width and the nose do not pull at the fit.
  three_point
};

/// A named template, at `size` x `size` pixels. Scaled by pixel centres, x' = (x + 0.5) * size / 112 - 0.5, so that the
/// picture and not its first centre is scaled. Throws std::invalid_argument for a size outside face_sizes.
FaceTemplate face_template(TemplateName name, int size);

}  // namespace fergraph
