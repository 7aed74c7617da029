#include "nodes/face/align.hpp"

#include <algorithm>
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

}  // namespace

Similarity umeyama(const Landmarks& from, const Landmarks& to) {
  constexpr std::size_t points = 5;
  constexpr double farthest = 1e6;
  Similarity result;
  const auto fail = [&](const char* reason) {
    result.reason = reason;
    return result;
  };
  std::array<std::complex<double>, points> p, q;
  std::complex<double> p_mean, q_mean;
  for (std::size_t i = 0; i < points; ++i) {
    for (const Landmarks* side : {&from, &to}) {
      for (const float value : {(*side)[2 * i], (*side)[2 * i + 1]}) {
        if (!std::isfinite(value)) return fail("A landmark is not finite.");
        if (std::abs(value) > farthest) return fail("A landmark is more than a million pixels away.");
      }
    }
    p[i] = {from[2 * i], from[2 * i + 1]};
    q[i] = {to[2 * i], to[2 * i + 1]};
    p_mean += p[i] / double{points};
    q_mean += q[i] / double{points};
  }
  std::complex<double> product;
  double p_spread = 0, q_spread = 0;
  for (std::size_t i = 0; i < points; ++i) {
    product += std::conj(p[i] - p_mean) * (q[i] - q_mean);
    p_spread += std::norm(p[i] - p_mean);
    q_spread += std::norm(q[i] - q_mean);
  }
  // Five points within a thousandth of a pixel are one point that was rounded.
  constexpr double coincident = 1e-6 * points;
  if (p_spread < coincident || q_spread < coincident) return fail("The landmarks coincide.");
  const double correlation = std::abs(product) / std::sqrt(p_spread * q_spread);
  if (correlation < 1e-6)
    return fail("The landmarks are mirrored or in disorder, so that no turn brings them near the template.");
  const std::complex<double> a = product / p_spread;
  const std::complex<double> t = q_mean - a * p_mean;
  result.matrix = {a.real(), -a.imag(), t.real(), a.imag(), a.real(), t.imag()};
  result.scale = std::abs(a);
  double squares = 0;
  for (std::size_t i = 0; i < points; ++i) squares += std::norm(a * p[i] + t - q[i]);
  result.residual = std::sqrt(squares / points);
  return result;
}

Landmarks face_template(std::string_view name, int size) {
  if (name != "arcface") {
    throw std::invalid_argument("There is no face template '" + std::string(name) + "'. Templates: arcface.");
  }
  face_sizes.require("The size of faces in pixels", size);
  constexpr std::array<double, 10> arcface_112 = {38.2946, 51.6963, 73.5318, 51.5014, 56.0252,
                                                  71.7366, 41.5493, 92.3655, 70.7299, 92.2041};
  Landmarks scaled{};
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    scaled[i] = static_cast<float>((arcface_112[i] + 0.5) * size / 112 - 0.5);
  }
  return scaled;
}

AlignedFace align_landmarks(const cv::Mat& photograph, const Landmarks& landmarks, const Landmarks& face, int size,
                            FaceBorder border) {
  require_photograph(photograph, size);
  Similarity similarity = umeyama(landmarks, face);
  if (!similarity) return failed(std::move(similarity.reason));
  if (similarity.scale < 1e-3 || similarity.scale > 1e3) {
    return failed("The landmarks are a thousand times larger or smaller than the face.");
  }
  const cv::Matx23d& m = similarity.matrix;

  // The part of the photograph under the face: corners go back through the inverse of the similarity.
  const double a = m(0, 0), b = m(1, 0), squared = similarity.scale * similarity.scale;
  double left = 1e300, right = -1e300, top = 1e300, bottom = -1e300;
  for (const double u : {-0.5, size - 0.5}) {
    for (const double v : {-0.5, size - 0.5}) {
      const double x = (a * (u - m(0, 2)) + b * (v - m(1, 2))) / squared;
      const double y = (-b * (u - m(0, 2)) + a * (v - m(1, 2))) / squared;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  if (right < 0 || bottom < 0 || left > photograph.cols - 1 || top > photograph.rows - 1) {
    return failed("The face lies wholly outside the photograph.");
  }

  cv::Mat source = photograph;
  cv::Matx23d warp = m;
  const double shrink = std::floor(1 / similarity.scale);
  if (shrink >= 2) {
    // The part, and around it what the averages and the interpolation reach.
    const double reach = 2 * shrink + 2;
    const int x0 = static_cast<int>(std::max(0.0, std::floor(left - reach)));
    const int y0 = static_cast<int>(std::max(0.0, std::floor(top - reach)));
    const int x1 = static_cast<int>(std::min(photograph.cols - 1.0, std::ceil(right + reach)));
    const int y1 = static_cast<int>(std::min(photograph.rows - 1.0, std::ceil(bottom + reach)));
    const cv::Mat part = photograph(cv::Rect(x0, y0, x1 - x0 + 1, y1 - y0 + 1));
    const cv::Size small(std::max(1, static_cast<int>(std::lround(part.cols / shrink))),
                         std::max(1, static_cast<int>(std::lround(part.rows / shrink))));
    cv::resize(part, source, small, 0, 0, cv::INTER_AREA);
    // Centres of the small part in the photograph: x = x0 + (x' + 0.5) * step - 0.5.
    const double x_step = static_cast<double>(part.cols) / small.width;
    const double y_step = static_cast<double>(part.rows) / small.height;
    const double x_offset = x0 + 0.5 * x_step - 0.5, y_offset = y0 + 0.5 * y_step - 0.5;
    warp = {m(0, 0) * x_step, m(0, 1) * y_step, m(0, 0) * x_offset + m(0, 1) * y_offset + m(0, 2),
            m(1, 0) * x_step, m(1, 1) * y_step, m(1, 0) * x_offset + m(1, 1) * y_offset + m(1, 2)};
  }
  AlignedFace aligned;
  cv::warpAffine(source, aligned.pixels, warp, cv::Size(size, size), cv::INTER_LINEAR, border_type(border));
  aligned.matrix = m;
  return aligned;
}

AlignedFace align_box(const cv::Mat& photograph, const FaceBox& box, const BoxParams& params) {
  require_photograph(photograph, params.size);
  BoxParams::margins.require("margin", params.margin);
  BoxParams::shifts.require("shift_down", params.shift_down);
  for (const float value : {box.x, box.y, box.width, box.height}) {
    if (!std::isfinite(value)) return failed("The box is not finite.");
  }
  if (!(box.width > 0 && box.height > 0)) return failed("The box has no area.");
  const double length = std::max(box.width, box.height);
  const double side_exact = length * (1 + 2 * params.margin);
  if (side_exact > 2.0 * std::max(photograph.cols, photograph.rows) + 1) {
    return failed("The box with its margin is more than twice as large as the photograph.");
  }
  const int side = std::max(1, static_cast<int>(std::lround(side_exact)));
  const double left_exact = box.x + box.width / 2.0 - side / 2.0;
  const double top_exact = box.y + box.height / 2.0 + params.shift_down * length - side / 2.0;
  if (left_exact + side <= 0 || top_exact + side <= 0 || left_exact >= photograph.cols ||
      top_exact >= photograph.rows) {
    return failed("The box lies wholly outside the photograph.");
  }
  const cv::Rect square(static_cast<int>(std::lround(left_exact)), static_cast<int>(std::lround(top_exact)), side,
                        side);
  const cv::Rect inside = square & cv::Rect(0, 0, photograph.cols, photograph.rows);
  // Rounding may push the last sliver of an overlap out.
  if (inside.empty()) return failed("The box lies wholly outside the photograph.");
  cv::Mat cut = photograph(inside);
  if (inside != square) {
    // BORDER_ISOLATED: without it a part of a larger picture would be extended by what lies around it.
    cv::Mat extended;
    cv::copyMakeBorder(cut, extended, inside.y - square.y, square.br().y - inside.br().y, inside.x - square.x,
                       square.br().x - inside.br().x, border_type(params.border) | cv::BORDER_ISOLATED);
    cut = extended;
  }
  AlignedFace aligned;
  const double scale = static_cast<double>(params.size) / side;
  if (side == params.size) {
    aligned.pixels = cut.clone();
  } else {
    cv::resize(cut, aligned.pixels, cv::Size(params.size, params.size), 0, 0,
               side > params.size ? cv::INTER_AREA : cv::INTER_LINEAR);
  }
  // Centres: x' = (x - left + 0.5) * scale - 0.5.
  aligned.matrix = {scale, 0, (0.5 - square.x) * scale - 0.5, 0, scale, (0.5 - square.y) * scale - 0.5};
  return aligned;
}

}  // namespace fergraph
