// Drawing of one synthetic face: a person, an expression and a light give a frontal relief with colours, which a
// photograph then turns and places. For the generator's own sources only.
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <vector>

#include "datasets/synthetic_random.hpp"

namespace fergraph::synthetic {

/// Coordinates in a face: x to the picture's right, y down, z to the viewer; the origin lies between the eyes and 1 is
/// about half the face's width. Colours are BGR in 0 … 1.
using Points = std::vector<cv::Point2f>;
using Colour = cv::Vec3f;

enum class Expression { surprise, fear, disgust, happiness, sadness, anger, neutral };
inline constexpr int expression_count = 7;

enum class HairStyle { bald, short_hair, parted, long_hair, curly, fringe, cap };
enum class Glasses { none, clear, dark };

/// What stays the same in all photographs of a person.
struct Identity {
  float face_width, jaw_width, chin_y, eye_x, eye_width, eye_height, eye_tilt, brow_y, brow_thickness, brow_arch;
  float nose_width, nose_y, nose_relief, mouth_y, mouth_width, upper_lip, lower_lip, ear, wrinkles, freckles, beard;
  float hairline, hair_volume, hair_part, rest_brow, rest_corner, lid_crease;
  bool moustache;
  Colour skin, hair, brow, lip, iris;
  HairStyle hair_style;
  Glasses glasses;
};

/// Muscle actions, 0 (none) to about 1 (strong); pairs are picture left and right.
struct Actions {
  std::array<float, 2> inner_brow{}, outer_brow{}, lower_brow{}, upper_lid{}, cheek{}, tighten{}, droop{};
  std::array<float, 2> upper_lip{}, corner_pull{}, corner_depress{};
  float nose_wrinkle = 0, chin_raise = 0, stretch = 0, press = 0, part = 0, jaw = 0, upper_teeth = 0, lower_teeth = 0;
  cv::Point2f gaze;
};

struct Light {
  cv::Vec3f direction;  ///< In the face's coordinates, unit length, towards the light.
  Colour key, ambient;
  float gloss;
};

/// Layers of a drawing: `colour` (CV_32FC3, BGR 0 … 1), `relief` (CV_32FC1, z) and `cover` (CV_32FC1, 0 … 1), all of
/// one size; pixel = origin + scale * turn(point).
class Canvas {
 public:
  Canvas(cv::Size size, cv::Point2f origin, float scale, float turn = 0);

  /// A filled outline: its bounding rectangle and 8-bit mask there, softened by `softness` (deviation, face units).
  struct Patch {
    cv::Rect where;
    cv::Mat mask;
  };
  Patch fill(const Points& outline, float softness) const;
  Patch stroke(const Points& line, float thickness, float softness) const;
  static void intersect(Patch& patch, const Patch& with);

  void paint(const Patch& patch, const Colour& ink, float opacity = 1);
  void shade(const Patch& patch, float factor);   ///< Multiplies colours by `factor` where the mask is full.
  void lift(const Patch& patch, float height);    ///< Adds to the relief.
  void settle(const Patch& patch, float height);  ///< Blends the relief towards a constant.
  void add_cover(const Patch& patch);
  void bump(cv::Point2f centre, cv::Point2f radius, float height);  ///< Adds a smooth bump of that half size.

  cv::Point2f pixel(cv::Point2f point) const;
  float scale() const { return scale_; }
  cv::Point2f origin() const { return origin_; }

  cv::Mat colour, relief, cover;

 private:
  cv::Mat_<uchar> softened(cv::Mat_<uchar> mask, float softness) const;
  cv::Rect bounds(const std::vector<cv::Point>& fixed, float margin) const;
  std::vector<cv::Point> fixed(const Points& points) const;

  cv::Point2f origin_;
  float scale_, cosine_, sine_;
};

/// A smooth curve through the points (Catmull-Rom, six pieces a segment).
Points curve(const Points& through, bool closed);
Points ellipse(cv::Point2f centre, cv::Point2f radius, float turn = 0);
Points mirrored(Points points);

/// A point with two normal coordinates; y is drawn before x.
cv::Point2f normal_point(Random& random);

/// Value noise in -1 … 1, CV_32FC1, with about cells.width x cells.height bumps.
cv::Mat smooth_noise(cv::Size size, cv::Size cells, Random& random);

Identity random_identity(Random& random);
Actions random_actions(Expression expression, const Identity& identity, Random& random);

struct Face {
  cv::Mat lit;                           ///< CV_8UC4: BGR and cover.
  cv::Mat relief;                        ///< CV_32FC1, smoothed for turning.
  cv::Point2f origin;                    ///< Pixel of the face's origin.
  float scale;                           ///< Pixels of a face unit.
  std::array<cv::Point2f, 5> landmarks;  ///< Eyes, nose tip, mouth corners in face units.
  Points outline;                        ///< Of the skin, from the forehead to the chin, in face units.
};
Face draw_face(const Identity& identity, const Actions& actions, const Light& light, float scale, Random& random);

struct Photograph {
  cv::Mat image;  ///< CV_8UC3, BGR.
  int quality;    ///< Of the JPEG file.
  cv::Rect box;
  std::array<cv::Point2f, 5> landmarks;
};
Photograph take_photograph(const Identity& identity, Expression expression, int width, Random& random);

}  // namespace fergraph::synthetic
