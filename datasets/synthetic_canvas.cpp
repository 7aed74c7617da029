#include <algorithm>
#include <cmath>
#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "datasets/synthetic_face.hpp"

namespace fergraph::synthetic {

namespace {
constexpr int fraction_bits = 4;  // OpenCV's drawing takes sixteenths of a pixel.
}

Canvas::Canvas(cv::Size size, cv::Point2f origin, float scale, float turn)
    : colour(size, CV_32FC3, cv::Scalar::all(0)),
      relief(size, CV_32FC1, cv::Scalar::all(0)),
      cover(size, CV_32FC1, cv::Scalar::all(0)),
      origin_(origin),
      scale_(scale),
      cosine_(std::cos(turn)),
      sine_(std::sin(turn)) {}

cv::Point2f Canvas::pixel(cv::Point2f point) const {
  return {origin_.x + scale_ * (cosine_ * point.x - sine_ * point.y),
          origin_.y + scale_ * (sine_ * point.x + cosine_ * point.y)};
}

std::vector<cv::Point> Canvas::fixed(const Points& points) const {
  std::vector<cv::Point> result;
  result.reserve(points.size());
  for (const cv::Point2f& point : points) {
    const cv::Point2f at = pixel(point);
    result.emplace_back(cvRound(at.x * (1 << fraction_bits)), cvRound(at.y * (1 << fraction_bits)));
  }
  return result;
}

cv::Rect Canvas::bounds(const std::vector<cv::Point>& fixed_points, float margin) const {
  const cv::Rect exact = cv::boundingRect(fixed_points);
  const int pad = 2 + static_cast<int>(std::ceil(margin));
  const cv::Point first((exact.x >> fraction_bits) - pad, (exact.y >> fraction_bits) - pad);
  const cv::Point last(((exact.x + exact.width) >> fraction_bits) + pad + 1,
                       ((exact.y + exact.height) >> fraction_bits) + pad + 1);
  return cv::Rect(first, last) & cv::Rect(cv::Point(), colour.size());
}

cv::Mat_<uchar> Canvas::softened(cv::Mat_<uchar> mask, float softness) const {
  const float deviation = softness * scale_;
  if (deviation < 0.3f || mask.empty()) return mask;
  // Three box means are a good Gaussian and cost the same at any deviation; small ones are done exactly.
  if (deviation < 1.6f) {
    cv::GaussianBlur(mask, mask, cv::Size(), deviation, deviation, cv::BORDER_REPLICATE);
  } else {
    const int side = 2 * cvRound((std::sqrt(4 * deviation * deviation + 1) - 1) / 2) + 1;
    for (int pass = 0; pass < 3; ++pass)
      cv::blur(mask, mask, cv::Size(side, side), cv::Point(-1, -1), cv::BORDER_REPLICATE);
  }
  return mask;
}

Canvas::Patch Canvas::fill(const Points& outline, float softness) const {
  std::vector<cv::Point> points = fixed(outline);
  Patch patch{bounds(points, 3 * softness * scale_), {}};
  if (patch.where.empty()) return patch;
  cv::Mat_<uchar> mask(patch.where.size(), uchar{0});
  for (cv::Point& point : points) point -= patch.where.tl() * (1 << fraction_bits);
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{points}, cv::Scalar(255), cv::LINE_AA, fraction_bits);
  patch.mask = softened(mask, softness);
  return patch;
}

Canvas::Patch Canvas::stroke(const Points& line, float thickness, float softness) const {
  // As an outline with tapered ends: creases, lids and strands all run out thin.
  Points outline;
  outline.reserve(2 * line.size());
  const auto offset = [&](std::size_t at, float side) {
    const cv::Point2f along = line[std::min(at + 1, line.size() - 1)] - line[at > 0 ? at - 1 : 0];
    const float length = std::max(1e-6f, std::hypot(along.x, along.y));
    const float place = 2 * static_cast<float>(at) / static_cast<float>(line.size() - 1) - 1;
    const float half = 0.5f * thickness * (1 - 0.8f * place * place) * side / length;
    return line[at] + cv::Point2f(-along.y * half, along.x * half);
  };
  for (std::size_t at = 0; at < line.size(); ++at) outline.push_back(offset(at, 1));
  for (std::size_t at = line.size(); at-- > 0;) outline.push_back(offset(at, -1));
  return fill(outline, softness);
}

void Canvas::intersect(Patch& patch, const Patch& with) {
  const cv::Rect common = patch.where & with.where;
  if (common.empty()) {
    patch = Patch{};
    return;
  }
  cv::Mat mask;
  cv::multiply(patch.mask(common - patch.where.tl()), with.mask(common - with.where.tl()), mask, 1.0 / 255);
  patch = Patch{common, mask};
}

void Canvas::paint(const Patch& patch, const Colour& ink, float opacity) {
  for (int y = 0; y < patch.where.height; ++y) {
    const uchar* mask = patch.mask.ptr<uchar>(y);
    float* out = colour.ptr<float>(patch.where.y + y) + 3 * std::ptrdiff_t{patch.where.x};
    for (int x = 0; x < patch.where.width; ++x, out += 3) {
      const float weight = opacity / 255 * mask[x];
      for (int c = 0; c < 3; ++c) out[c] += weight * (ink[c] - out[c]);
    }
  }
}

void Canvas::shade(const Patch& patch, float factor) {
  for (int y = 0; y < patch.where.height; ++y) {
    const uchar* mask = patch.mask.ptr<uchar>(y);
    float* out = colour.ptr<float>(patch.where.y + y) + 3 * std::ptrdiff_t{patch.where.x};
    for (int x = 0; x < patch.where.width; ++x, out += 3) {
      const float weight = 1 + (factor - 1) / 255 * mask[x];
      for (int c = 0; c < 3; ++c) out[c] *= weight;
    }
  }
}

void Canvas::lift(const Patch& patch, float height) {
  for (int y = 0; y < patch.where.height; ++y) {
    const uchar* mask = patch.mask.ptr<uchar>(y);
    float* out = relief.ptr<float>(patch.where.y + y) + patch.where.x;
    for (int x = 0; x < patch.where.width; ++x) out[x] += height / 255 * mask[x];
  }
}

void Canvas::settle(const Patch& patch, float height) {
  for (int y = 0; y < patch.where.height; ++y) {
    const uchar* mask = patch.mask.ptr<uchar>(y);
    float* out = relief.ptr<float>(patch.where.y + y) + patch.where.x;
    for (int x = 0; x < patch.where.width; ++x) out[x] += (height - out[x]) / 255 * mask[x];
  }
}

void Canvas::add_cover(const Patch& patch) {
  for (int y = 0; y < patch.where.height; ++y) {
    const uchar* mask = patch.mask.ptr<uchar>(y);
    float* out = cover.ptr<float>(patch.where.y + y) + patch.where.x;
    for (int x = 0; x < patch.where.width; ++x) out[x] = std::max(out[x], mask[x] / 255.0f);
  }
}

void Canvas::bump(cv::Point2f centre, cv::Point2f radius, float height) {
  const cv::Point2f middle = pixel(centre);
  const cv::Point2f reach = radius * scale_;
  const cv::Rect where = cv::Rect(cv::Point(cvFloor(middle.x - reach.x), cvFloor(middle.y - reach.y)),
                                  cv::Point(cvCeil(middle.x + reach.x) + 1, cvCeil(middle.y + reach.y) + 1)) &
                         cv::Rect(cv::Point(), relief.size());
  for (int y = where.y; y < where.y + where.height; ++y) {
    float* out = relief.ptr<float>(y);
    const float v = (static_cast<float>(y) - middle.y) / reach.y;
    for (int x = where.x; x < where.x + where.width; ++x) {
      const float u = (static_cast<float>(x) - middle.x) / reach.x;
      const float rest = std::max(0.0f, 1 - u * u - v * v);
      out[x] += height * rest * rest;
    }
  }
}

Points curve(const Points& through, bool closed) {
  constexpr int pieces = 6;
  const int count = static_cast<int>(through.size());
  const auto at = [&](int index) {
    return through[static_cast<std::size_t>(closed ? (index + count) % count : std::clamp(index, 0, count - 1))];
  };
  Points result;
  result.reserve(static_cast<std::size_t>(count) * pieces + 1);
  for (int segment = 0; segment < (closed ? count : count - 1); ++segment) {
    const cv::Point2f a = at(segment - 1), b = at(segment), c = at(segment + 1), d = at(segment + 2);
    for (int piece = 0; piece < pieces; ++piece) {
      const float t = static_cast<float>(piece) / pieces;
      result.push_back(
          0.5f * (2 * b + t * (c - a) + t * t * (2 * a - 5 * b + 4 * c - d) + t * t * t * (3 * b - a - 3 * c + d)));
    }
  }
  if (!closed) result.push_back(through.back());
  return result;
}

Points ellipse(cv::Point2f centre, cv::Point2f radius, float turn) {
  constexpr int corners = 28;
  Points result;
  result.reserve(corners);
  for (int corner = 0; corner < corners; ++corner) {
    const float angle = static_cast<float>(2 * CV_PI / corners) * static_cast<float>(corner);
    const float x = radius.x * std::cos(angle), y = radius.y * std::sin(angle);
    result.emplace_back(centre.x + x * std::cos(turn) - y * std::sin(turn),
                        centre.y + x * std::sin(turn) + y * std::cos(turn));
  }
  return result;
}

Points mirrored(Points points) {
  for (cv::Point2f& point : points) point.x = -point.x;
  return points;
}

cv::Point2f normal_point(Random& random) {
  const float y = random.normal();
  const float x = random.normal();
  return {x, y};
}

cv::Mat smooth_noise(cv::Size size, cv::Size cells, Random& random) {
  cv::Mat_<float> coarse(std::max(2, cells.height), std::max(2, cells.width));
  for (float& value : coarse) value = random.uniform(-1, 1);
  cv::Mat fine;
  cv::resize(coarse, fine, size, 0, 0, cv::INTER_CUBIC);
  return fine;
}

}  // namespace fergraph::synthetic
