#include "nodes/face/align.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <utility>

namespace fergraph {
namespace {

void require_photograph(const cv::Mat& photograph, int size) {
  if (photograph.empty() || (photograph.type() != CV_8UC3 && photograph.type() != CV_8UC1)) {
    throw std::invalid_argument("Faces are cut out of pictures of type uint8 [H,W,3] or [H,W] that are not empty.");
  }
  face_sizes.require("The size of faces in pixels", size);
}

AlignedFace failed(std::string reason) {
  AlignedFace face;
  face.reason = std::move(reason);
  return face;
}

int border_type(FaceBorder border) {
  return border == FaceBorder::replicate ? cv::BORDER_REPLICATE : cv::BORDER_CONSTANT;
}

constexpr const char* outside = "The face lies wholly outside the photograph.";

cv::Size photograph_size(const cv::Mat& pixels, const ImageWindow& window) {
  return window.is_whole() ? pixels.size() : cv::Size(window.photograph_width, window.photograph_height);
}

int floor_divided(int a, int b) { return a / b - (a % b < 0 ? 1 : 0); }

/// A part of the photograph as pixels of its window, rounded outwards where they are coarser. Throws
/// std::invalid_argument where the window does not hold it.
cv::Rect in_window(const cv::Rect& part, const cv::Mat& pixels, const ImageWindow& window) {
  const int x0 = floor_divided(part.x - window.x, window.step);
  const int y0 = floor_divided(part.y - window.y, window.step);
  const int x1 = -floor_divided(window.x - part.br().x, window.step);
  const int y1 = -floor_divided(window.y - part.br().y, window.step);
  const cv::Rect rect(x0, y0, x1 - x0, y1 - y0);
  if ((rect & cv::Rect(0, 0, pixels.cols, pixels.rows)) != rect)
    throw std::invalid_argument(
        "The part of the photograph that was decoded does not hold the face: its region was made for another face, "
        "template, margin or size. Give both nodes the same.");
  return rect;
}

// The photograph's part under a face, exact: the corners of the face go back through the inverse of the similarity.
struct Bounds {
  double left = 1e300, right = -1e300, top = 1e300, bottom = -1e300;
};

Bounds bounds_under(const Similarity& similarity, int size) {
  const cv::Matx23d& m = similarity.matrix;
  const double a = m(0, 0), b = m(1, 0), squared = similarity.scale * similarity.scale;
  Bounds bounds;
  for (const double u : {-0.5, size - 0.5}) {
    for (const double v : {-0.5, size - 0.5}) {
      const double x = (a * (u - m(0, 2)) + b * (v - m(1, 2))) / squared;
      const double y = (-b * (u - m(0, 2)) + a * (v - m(1, 2))) / squared;
      bounds.left = std::min(bounds.left, x);
      bounds.right = std::max(bounds.right, x);
      bounds.top = std::min(bounds.top, y);
      bounds.bottom = std::max(bounds.bottom, y);
    }
  }
  return bounds;
}

FaceRegion region_under(const Similarity& similarity, const Bounds& bounds) {
  FaceRegion region;
  region.shrink = std::max(1, static_cast<int>(std::floor(1 / similarity.scale)));
  // What the averages and the interpolation reach around the face.
  const double reach = 2 * region.shrink + 2;
  const auto x0 = static_cast<int>(std::floor(bounds.left - reach));
  const auto y0 = static_cast<int>(std::floor(bounds.top - reach));
  region.part = {x0, y0, static_cast<int>(std::ceil(bounds.right + reach)) - x0 + 1,
                 static_cast<int>(std::ceil(bounds.bottom + reach)) - y0 + 1};
  return region;
}

std::string refuse_scale(const Similarity& similarity) {
  if (similarity.scale < 1e-3 || similarity.scale > 1e3)
    return "The landmarks are a thousand times larger or smaller than the face.";
  return {};
}

// The square that is cut out around a box, in whole pixels.
struct BoxSquare {
  cv::Rect square;
  double side_exact = 0, left_exact = 0, top_exact = 0;
  std::string reason;
};

BoxSquare square_around(const FaceBox& box, const BoxParams& params) {
  BoxSquare result;
  BoxParams::margins.require("margin", params.margin);
  BoxParams::shifts.require("shift_down", params.shift_down);
  // Whole pixels are counted in ints; nothing that is further away or larger has a part in a photograph.
  constexpr float farthest = 1e6F;
  for (const float value : {box.x, box.y, box.width, box.height}) {
    if (!std::isfinite(value)) result.reason = "The box is not finite.";
  }
  if (result.reason.empty() && (std::abs(box.x) > farthest || std::abs(box.y) > farthest))
    result.reason = "The box lies wholly outside the photograph.";
  if (result.reason.empty() && std::max(box.width, box.height) > farthest)
    result.reason = "The box with its margin is more than twice as large as the photograph.";
  if (result.reason.empty() && !(box.width > 0 && box.height > 0)) result.reason = "The box has no area.";
  if (!result.reason.empty()) return result;
  const double length = std::max(box.width, box.height);
  result.side_exact = length * (1 + 2 * params.margin);
  const int side = std::max(1, static_cast<int>(std::lround(result.side_exact)));
  result.left_exact = box.x + box.width / 2.0 - side / 2.0;
  result.top_exact = box.y + box.height / 2.0 + params.shift_down * length - side / 2.0;
  result.square = {static_cast<int>(std::lround(result.left_exact)), static_cast<int>(std::lround(result.top_exact)),
                   side, side};
  return result;
}

}  // namespace

Similarity umeyama(std::span<const float> from, std::span<const float> to) {
  if (from.size() != to.size() || from.size() < 4 || from.size() % 2 != 0)
    throw std::invalid_argument(
        "A similarity is fitted to x and y of two points or more, as many on both sides; here are " +
        std::to_string(from.size()) + " and " + std::to_string(to.size()) + " numbers.");
  const std::size_t points = from.size() / 2;
  const auto count = static_cast<double>(points);
  constexpr double farthest = 1e6;
  Similarity result;
  const auto fail = [&](const char* reason) {
    result.reason = reason;
    return result;
  };
  for (const std::span<const float> side : {from, to}) {
    for (const float value : side) {
      if (!std::isfinite(value)) return fail("A landmark is not finite.");
      if (std::abs(value) > farthest) return fail("A landmark is more than a million pixels away.");
    }
  }
  const auto point = [](std::span<const float> side, std::size_t i) {
    return std::complex<double>(side[2 * i], side[2 * i + 1]);
  };
  std::complex<double> p_mean, q_mean;
  for (std::size_t i = 0; i < points; ++i) {
    p_mean += point(from, i) / count;
    q_mean += point(to, i) / count;
  }
  std::complex<double> product;
  double p_spread = 0, q_spread = 0;
  for (std::size_t i = 0; i < points; ++i) {
    const std::complex<double> p = point(from, i) - p_mean, q = point(to, i) - q_mean;
    product += std::conj(p) * q;
    p_spread += std::norm(p);
    q_spread += std::norm(q);
  }
  // Points within a thousandth of a pixel are one point that was rounded.
  const double coincident = 1e-6 * count;
  if (p_spread < coincident || q_spread < coincident) return fail("The landmarks coincide.");
  const double correlation = std::abs(product) / std::sqrt(p_spread * q_spread);
  if (correlation < 1e-6)
    return fail("The landmarks are mirrored or in disorder, so that no turn brings them near the template.");
  const std::complex<double> a = product / p_spread;
  const std::complex<double> t = q_mean - a * p_mean;
  result.matrix = {a.real(), -a.imag(), t.real(), a.imag(), a.real(), t.imag()};
  result.scale = std::abs(a);
  double squares = 0;
  for (std::size_t i = 0; i < points; ++i) squares += std::norm(a * point(from, i) + t - point(to, i));
  result.residual = std::sqrt(squares / count);
  return result;
}

FoundRegion region_of_landmarks(const Landmarks& landmarks, const FaceTemplate& face, int size) {
  const Similarity similarity = umeyama(face.points_of(landmarks), face.points);
  if (!similarity) return {{}, similarity.reason};
  if (std::string reason = refuse_scale(similarity); !reason.empty()) return {{}, std::move(reason)};
  return {region_under(similarity, bounds_under(similarity, size)), {}};
}

AlignedFace align_landmarks(const cv::Mat& photograph, const Landmarks& landmarks, const FaceTemplate& face, int size,
                            FaceBorder border, const ImageWindow& window) {
  require_photograph(photograph, size);
  Similarity similarity = umeyama(face.points_of(landmarks), face.points);
  if (!similarity) return failed(std::move(similarity.reason));
  if (std::string reason = refuse_scale(similarity); !reason.empty()) return failed(std::move(reason));
  const cv::Size whole = photograph_size(photograph, window);
  const Bounds bounds = bounds_under(similarity, size);
  if (bounds.right < 0 || bounds.bottom < 0 || bounds.left > whole.width - 1 || bounds.top > whole.height - 1)
    return failed(outside);
  const FaceRegion region = region_under(similarity, bounds);
  const cv::Rect clipped = region.part & cv::Rect({0, 0}, whole);
  if (clipped.empty()) return failed(outside);
  const cv::Rect part = in_window(clipped, photograph, window);

  cv::Mat source = photograph(part);
  // Pixels of the photograph per pixel of the source.
  double x_step = 1, y_step = 1;
  if (region.shrink > 1) {
    const cv::Size small(
        std::max(1, static_cast<int>(std::lround(static_cast<double>(clipped.width) / region.shrink))),
        std::max(1, static_cast<int>(std::lround(static_cast<double>(clipped.height) / region.shrink))));
    x_step = static_cast<double>(clipped.width) / small.width;
    y_step = static_cast<double>(clipped.height) / small.height;
    const double step = window.step;
    cv::Mat shrunk;
    if (window.step == 1)
      cv::resize(source, shrunk, small, 0, 0, cv::INTER_AREA);
    else
      shrunk = average_cells(
          photograph,
          {(clipped.x - window.x) / step, (clipped.y - window.y) / step, x_step / step, y_step / step, small}, border);
    source = shrunk;
  }
  // Centres of the source's pixels in the photograph: x = left + (x' + 0.5) * step - 0.5.
  const cv::Matx23d& m = similarity.matrix;
  const double x_offset = clipped.x + 0.5 * x_step - 0.5;
  const double y_offset = clipped.y + 0.5 * y_step - 0.5;
  const cv::Matx23d warp = {m(0, 0) * x_step, m(0, 1) * y_step, m(0, 0) * x_offset + m(0, 1) * y_offset + m(0, 2),
                            m(1, 0) * x_step, m(1, 1) * y_step, m(1, 0) * x_offset + m(1, 1) * y_offset + m(1, 2)};
  AlignedFace aligned;
  cv::warpAffine(source, aligned.pixels, warp, cv::Size(size, size), cv::INTER_LINEAR, border_type(border));
  aligned.matrix = m;
  return aligned;
}

FoundRegion region_of_box(const FaceBox& box, const BoxParams& params) {
  BoxSquare cut = square_around(box, params);
  if (!cut.reason.empty()) return {{}, std::move(cut.reason)};
  return {{cut.square, std::max(1, cut.square.width / params.size)}, {}};
}

AlignedFace align_box(const cv::Mat& photograph, const FaceBox& box, const BoxParams& params,
                      const ImageWindow& window) {
  require_photograph(photograph, params.size);
  BoxSquare cut = square_around(box, params);
  if (!cut.reason.empty()) return failed(std::move(cut.reason));
  const cv::Size whole = photograph_size(photograph, window);
  if (cut.side_exact > 2.0 * std::max(whole.width, whole.height) + 1)
    return failed("The box with its margin is more than twice as large as the photograph.");
  const cv::Rect& square = cut.square;
  const int side = square.width;
  const cv::Rect inside = square & cv::Rect({0, 0}, whole);
  // Rounding may push the last sliver of an overlap out.
  if (cut.left_exact + side <= 0 || cut.top_exact + side <= 0 || cut.left_exact >= whole.width ||
      cut.top_exact >= whole.height || inside.empty())
    return failed("The box lies wholly outside the photograph.");

  const cv::Rect part = in_window(inside, photograph, window);
  AlignedFace aligned;
  const double scale = static_cast<double>(params.size) / side;
  // Centres: x' = (x - left + 0.5) * scale - 0.5.
  aligned.matrix = {scale, 0, (0.5 - square.x) * scale - 0.5, 0, scale, (0.5 - square.y) * scale - 0.5};
  if (window.step > 1) {
    const double step = window.step;
    const double cell = side / step / params.size;
    aligned.pixels = average_cells(
        photograph,
        {(square.x - window.x) / step, (square.y - window.y) / step, cell, cell, {params.size, params.size}},
        params.border);
    return aligned;
  }
  cv::Mat pixels = photograph(part);
  if (inside != square) {
    // BORDER_ISOLATED: without it a part of a larger picture would be extended by what lies around it.
    cv::Mat extended;
    cv::copyMakeBorder(pixels, extended, inside.y - square.y, square.br().y - inside.br().y, inside.x - square.x,
                       square.br().x - inside.br().x, border_type(params.border) | cv::BORDER_ISOLATED);
    pixels = extended;
  }
  if (side == params.size) {
    aligned.pixels = pixels.clone();
  } else {
    cv::resize(pixels, aligned.pixels, cv::Size(params.size, params.size), 0, 0,
               side > params.size ? cv::INTER_AREA : cv::INTER_LINEAR);
  }
  return aligned;
}

}  // namespace fergraph
