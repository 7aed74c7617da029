// Cuts one face out of a photograph, at one size and place: by five landmarks and a template, or by a box. Pixel (0, 0)
// has its centre at the coordinates (0, 0) for landmarks; boxes are measured from the upper left corner of that pixel.
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "cache/face.hpp"
#include "nodes/face/cell_averages.hpp"
#include "nodes/face/face_template.hpp"
#include "nodes/face/haar.hpp"
#include "nodes/face/region.hpp"
#include "nodes/image_window.hpp"

namespace fergraph {

/// A least-squares similarity transform: photograph to face.
struct Similarity {
  /// [a -b tx; b a ty]: (x, y) of the photograph to (x, y) of the template.
  cv::Matx23d matrix = cv::Matx23d::zeros();
  double scale = 0;
  /// Root mean square distance between mapped landmarks and template, in pixels of the template.
  double residual = 0;
  /// Why there is none; empty when all is well.
  std::string reason;
  explicit operator bool() const { return reason.empty(); }
};

/// The rotation, uniform scale and shift (never a reflection) that bring the points `from` nearest to `to` in the sum
/// of squares: Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991,
/// for two dimensions, where with complex numbers p, q about their means the optimum is a = sum(conj(p) q) /
/// sum(|p|^2). Reasons: a coordinate that is not finite or beyond a million pixels, points that coincide, points that
/// only a mirror brings near (scale 0). Both sides are x, y of the same points; throws std::invalid_argument where they
/// are fewer than two or not as many.
Similarity umeyama(std::span<const float> from, std::span<const float> to);

struct AlignedFace {
  /// uint8 [size,size,3] (or [size,size] from a grey photograph); empty where reason is not.
  cv::Mat pixels;
  /// Coordinates of the photograph (pixel centres) to those of the face.
  cv::Matx23d matrix = cv::Matx23d::zeros();
  std::string reason;
  explicit operator bool() const { return reason.empty(); }
};

/// Warps the photograph so that its landmarks come to rest on the template, of `size` x `size` pixels, bilinearly.
/// Where the face is at least twice as large in the photograph, the part that is needed is first shrunk by area
/// averaging to between one and two times its final size: a bilinear warp alone would skip pixels and alias.
///
/// The pixels may be a window of the photograph that holds region_of_landmarks(). With a step of 1 the face is the one
/// that the whole photograph gives, bit by bit; with a larger step the decoder has done a part of the averaging.
/// Reasons: those of umeyama(), a scale beyond 1/1000 or 1000, and a face wholly outside the photograph. Throws
/// std::invalid_argument for a photograph that is empty or not uint8 with 1 or 3 channels, and for a bad size.
AlignedFace align_landmarks(const cv::Mat& photograph, const Landmarks& landmarks, const FaceTemplate& face, int size,
                            FaceBorder border = FaceBorder::replicate, const ImageWindow& window = {});

/// What align_landmarks() looks at, whatever the size of the photograph. Reasons: its own, but the last.
FoundRegion region_of_landmarks(const Landmarks& landmarks, const FaceTemplate& face, int size);

/// The margin and shift fit the boxes of haarcascade_frontalface_default.xml, which end at the lower lip of an open
/// mouth: with them a face shows from forehead to chin. Boxes of other detectors or of annotators want their own.
struct BoxParams {
  int size = 112;
  /// Added on each side, as a fraction of the longer side of the box; negative cuts off, and -0.5 would leave nothing.
  double margin = 0.1;
  static constexpr Range margins{-0.49, 10};
  /// Moves the cut down, as a fraction of the longer side of the box.
  double shift_down = 0.05;
  static constexpr Range shifts{-2, 2};
  FaceBorder border = FaceBorder::replicate;
};

/// Cuts the square around the centre of the box whose side is the longer side of the box with its margins, rounded to
/// whole pixels, and resizes it: by area averaging when it shrinks, bilinearly when it grows.
/// The pixels may be a window of the photograph that holds region_of_box(), as for align_landmarks().
/// Reasons: a box that is not finite, without area, wholly outside the photograph, or more than twice as large as it.
/// Throws std::invalid_argument as align_landmarks() does, and for a margin or shift that is not finite or out of
/// range.
AlignedFace align_box(const cv::Mat& photograph, const FaceBox& box, const BoxParams& params = {},
                      const ImageWindow& window = {});

/// What align_box() looks at, whatever the size of the photograph. Reasons: those of align_box() that are known before
/// the photograph is, of which a million pixels is the largest.
FoundRegion region_of_box(const FaceBox& box, const BoxParams& params);

}  // namespace fergraph
