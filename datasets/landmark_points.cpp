#include "datasets/landmark_points.hpp"

#include <algorithm>
#include <cstddef>

namespace fergraph {
namespace {

struct Point {
  float x, y;
};

Point point(std::span<const float> points, std::size_t index) { return {points[2 * index], points[2 * index + 1]}; }

Point mean(std::span<const float> points, std::size_t first, std::size_t count) {
  double x = 0, y = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    x += static_cast<double>(points[2 * i]);
    y += static_cast<double>(points[2 * i + 1]);
  }
  const auto n = static_cast<double>(count);
  return {static_cast<float>(x / n), static_cast<float>(y / n)};
}

FiveLandmarks joined(Point left_eye, Point right_eye, Point nose, Point left_corner, Point right_corner) {
  return {left_eye.x, left_eye.y,    right_eye.x,   right_eye.y,    nose.x,
          nose.y,     left_corner.x, left_corner.y, right_corner.x, right_corner.y};
}

}  // namespace

FiveLandmarks five_of_68(std::span<const float, 136> points) {
  return joined(mean(points, 36, 6), mean(points, 42, 6), point(points, 30), point(points, 48), point(points, 54));
}

std::optional<FiveLandmarks> five_of_list(std::span<const float> numbers) {
  if (numbers.size() == 136) return five_of_68(numbers.first<136>());
  FiveLandmarks five{};
  if (numbers.size() != five.size()) return std::nullopt;
  std::copy(numbers.begin(), numbers.end(), five.begin());
  return five;
}

FiveLandmarks five_of_37(std::span<const float, 74> points) {
  const Point left = mean(points, 13, 6), right = mean(points, 19, 6);
  Point first = point(points, 25), last = first;
  const auto along = [&](Point p) { return (right.x - left.x) * p.x + (right.y - left.y) * p.y; };
  for (std::size_t i = 26; i < 37; ++i) {
    const Point p = point(points, i);
    if (along(p) < along(first)) first = p;
    if (along(p) > along(last)) last = p;
  }
  return joined(left, right, point(points, 7), first, last);
}

}  // namespace fergraph
