#include "nodes/face/align.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(align)

namespace {

Landmarks moved(const Landmarks& points, double scale, double angle, double x, double y) {
  Landmarks result{};
  for (std::size_t i = 0; i < 10; i += 2) {
    const double u = points[i], v = points[i + 1];
    result[i] = static_cast<float>(scale * (std::cos(angle) * u - std::sin(angle) * v) + x);
    result[i + 1] = static_cast<float>(scale * (std::sin(angle) * u + std::cos(angle) * v) + y);
  }
  return result;
}

// Red grows to the right and green downwards, one step per pixel.
cv::Mat ramp(int width, int height) {
  cv::Mat rgb(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      rgb.at<cv::Vec3b>(y, x) = {static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y), 9};
    }
  }
  return rgb;
}

double error_of(const Landmarks& from, const Landmarks& to, const cv::Matx23d& m) {
  double sum = 0;
  for (std::size_t i = 0; i < 10; i += 2) {
    sum += std::pow(m(0, 0) * from[i] + m(0, 1) * from[i + 1] + m(0, 2) - to[i], 2) +
           std::pow(m(1, 0) * from[i] + m(1, 1) * from[i + 1] + m(1, 2) - to[i + 1], 2);
  }
  return sum;
}

auto says(const std::string& text) {
  return [text](const std::invalid_argument& error) {
    BOOST_TEST(error.what() == text);
    return true;
  };
}

Landmarks five_points(TemplateName name, int size) {
  const FaceTemplate face = face_template(name, size);
  Landmarks points{};
  std::copy(face.points.begin(), face.points.end(), points.begin());
  return points;
}

const Landmarks arcface = five_points(TemplateName::arcface, 112);

}  // namespace

BOOST_AUTO_TEST_CASE(umeyama_finds_the_similarity) {
  for (const double angle : {0.0, 0.5, -2.0, 3.1}) {
    const Similarity found = umeyama(moved(arcface, 1 / 0.37, angle, 210, -13), arcface);
    BOOST_TEST(found.reason == "");
    BOOST_TEST(found.scale == 0.37, boost::test_tools::tolerance(1e-5));
    BOOST_TEST(found.matrix(0, 0) == 0.37 * std::cos(-angle), boost::test_tools::tolerance(1e-5));
    BOOST_TEST(found.residual < 1e-4);
  }
}

// No neighbouring similarity is better: the least squares are least.
BOOST_AUTO_TEST_CASE(umeyama_is_optimal) {
  Landmarks from = moved(arcface, 2, 0.3, 40, 50);
  for (std::size_t i = 0; i < 10; ++i) from[i] += static_cast<float>(6 * std::sin(7.0 * static_cast<double>(i)));
  const Similarity found = umeyama(from, arcface);
  const double least = error_of(from, arcface, found.matrix);
  BOOST_TEST(found.residual == std::sqrt(least / 5), boost::test_tools::tolerance(1e-9));
  for (const double step : {1e-3, -1e-3}) {
    for (const int parameter : {0, 1, 2, 3}) {
      cv::Matx23d m = found.matrix;
      if (parameter == 0) m(0, 0) = m(1, 1) = m(0, 0) + step;
      if (parameter == 1) m(1, 0) = -(m(0, 1) = m(0, 1) + step);
      if (parameter >= 2) m(parameter - 2, 2) += step;
      BOOST_TEST(error_of(from, arcface, m) > least);
    }
  }
}

BOOST_AUTO_TEST_CASE(umeyama_says_why_not) {
  Landmarks bad = arcface;
  bad[3] = std::numeric_limits<float>::quiet_NaN();
  BOOST_TEST(umeyama(bad, arcface).reason == "A landmark is not finite.");
  bad[3] = 3e7f;
  BOOST_TEST(umeyama(bad, arcface).reason == "A landmark is more than a million pixels away.");
  bad.fill(50);
  BOOST_TEST(umeyama(bad, arcface).reason == "The landmarks coincide.");
  const Landmarks corners = {0, 0, 1, 0, 0, 1, -1, 0, 0, -1}, mirrored = {0, 0, 1, 0, 0, -1, -1, 0, 0, 1};
  BOOST_TEST(umeyama(corners, mirrored).reason ==
             "The landmarks are mirrored or in disorder, so that no turn brings them near the template.");
  const Landmarks line = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4};
  BOOST_TEST(umeyama(line, arcface).reason == "");
}

BOOST_AUTO_TEST_CASE(identity_keeps_the_pixels) {
  const cv::Mat photograph = ramp(112, 112);
  const AlignedFace face = align_landmarks(photograph, arcface, arcface, 112);
  BOOST_REQUIRE(face);
  BOOST_TEST(cv::norm(face.pixels, photograph, cv::NORM_INF) == 0);
}

// The warp and its anti-aliased form agree on a ramp, whose averages are its values: each pixel shows the place that
// the matrix says.
BOOST_AUTO_TEST_CASE(pixels_lie_where_the_matrix_says) {
  const cv::Mat photograph = ramp(250, 250);
  for (const double scale : {0.8, 1.0, 1.9, 2.1, 3.7, 4.5}) {
    const Landmarks small = five_points(TemplateName::arcface, 32);
    const Landmarks landmarks = moved(small, scale, 0.2, 60, 50);
    const AlignedFace face = align_landmarks(photograph, landmarks, small, 32);
    BOOST_REQUIRE(face);
    for (const int v : {2, 16, 29}) {
      for (const int u : {2, 16, 29}) {
        const double x = scale * (std::cos(0.2) * u - std::sin(0.2) * v) + 60;
        const double y = scale * (std::sin(0.2) * u + std::cos(0.2) * v) + 50;
        if (x > 248 || y > 248) continue;
        const cv::Vec3b pixel = face.pixels.at<cv::Vec3b>(v, u);
        BOOST_TEST(std::abs(pixel[0] - x) < 1.1, "scale " << scale << " at " << u << "," << v);
        BOOST_TEST(std::abs(pixel[1] - y) < 1.1, "scale " << scale << " at " << u << "," << v);
      }
    }
  }
}

// Stripes finer than a pixel of the face average to grey; a plain bilinear warp would show them as moire.
BOOST_AUTO_TEST_CASE(shrinking_does_not_alias) {
  cv::Mat stripes(800, 800, CV_8UC1);
  for (int x = 0; x < 800; ++x) stripes.col(x).setTo(x % 2 ? 255 : 0);
  const AlignedFace face = align_landmarks(stripes, moved(arcface, 6.3, 0.1, 60, 10), arcface, 112);
  BOOST_REQUIRE(face);
  double least = 0, most = 0;
  cv::minMaxLoc(face.pixels, &least, &most);
  BOOST_TEST(least > 100);
  BOOST_TEST(most < 155);
}

BOOST_AUTO_TEST_CASE(beyond_the_border) {
  const cv::Mat white(100, 100, CV_8UC3, cv::Scalar::all(255));
  const Landmarks shifted = moved(arcface, 1, 0, -56, 0);
  BOOST_TEST(align_landmarks(white, shifted, arcface, 112, FaceBorder::replicate).pixels.at<cv::Vec3b>(50, 3)[0] ==
             255);
  BOOST_TEST(align_landmarks(white, shifted, arcface, 112, FaceBorder::black).pixels.at<cv::Vec3b>(50, 3)[0] == 0);
  BOOST_TEST(align_landmarks(white, moved(arcface, 1, 0, 300, 0), arcface, 112).reason ==
             "The face lies wholly outside the photograph.");
  BOOST_TEST(align_landmarks(white, moved(arcface, 5000, 0, 0, 0), arcface, 112).reason ==
             "The landmarks are a thousand times larger or smaller than the face.");
  BOOST_CHECK_EXCEPTION(align_landmarks(cv::Mat(), arcface, arcface, 112), std::invalid_argument,
                        says("Faces are cut out of pictures of type uint8 [H,W,3] or [H,W] that are not empty."));
}

BOOST_AUTO_TEST_CASE(boxes) {
  const cv::Mat photograph = ramp(200, 100);
  const BoxParams plain{.size = 40, .margin = 0, .shift_down = 0};
  const AlignedFace face = align_box(photograph, {60, 20, 40, 40}, plain);
  BOOST_REQUIRE(face);
  BOOST_TEST(cv::norm(face.pixels, photograph(cv::Rect(60, 20, 40, 40)), cv::NORM_INF) == 0);
  BOOST_TEST(face.matrix(0, 2) == -60);

  // The longer side decides, and the margin stands on every side of it.
  const AlignedFace wide = align_box(photograph, {60, 20, 40, 20}, {.size = 60, .margin = 0.25, .shift_down = 0});
  BOOST_TEST(cv::norm(wide.pixels, photograph(cv::Rect(50, 0, 60, 60)), cv::NORM_INF) == 0);
  const AlignedFace lower = align_box(photograph, {60, 20, 40, 40}, {.size = 40, .margin = 0, .shift_down = 0.1});
  BOOST_TEST(cv::norm(lower.pixels, photograph(cv::Rect(60, 24, 40, 40)), cv::NORM_INF) == 0);

  const AlignedFace half = align_box(photograph, {60, 20, 40, 40}, {.size = 20, .margin = 0, .shift_down = 0});
  BOOST_TEST(std::abs(half.pixels.at<cv::Vec3b>(0, 0)[0] - 60.5) <= 0.5);
  BOOST_TEST(half.matrix(0, 0) * 60.5 + half.matrix(0, 2) == 0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(boxes_beyond_the_border) {
  const cv::Mat white(50, 50, CV_8UC3, cv::Scalar::all(255));
  BoxParams params{.size = 40, .margin = 0, .shift_down = 0, .border = FaceBorder::black};
  const AlignedFace black = align_box(white, {-20, 10, 40, 40}, params);
  BOOST_TEST(black.pixels.at<cv::Vec3b>(20, 19)[0] == 0);
  BOOST_TEST(black.pixels.at<cv::Vec3b>(20, 20)[0] == 255);
  params.border = FaceBorder::replicate;
  BOOST_TEST(cv::countNonZero(align_box(white, {-20, 10, 40, 40}, params).pixels.reshape(1) != 255) == 0);
  BOOST_TEST(align_box(white, {60, 10, 40, 40}, params).reason == "The box lies wholly outside the photograph.");
  BOOST_TEST(align_box(white, {0, 0, 0, 40}, params).reason == "The box has no area.");
  BOOST_TEST(align_box(white, {0, NAN, 4, 40}, params).reason == "The box is not finite.");
  BOOST_TEST(align_box(white, {0, 0, 1e9f, 1e9f}, params).reason ==
             "The box with its margin is more than twice as large as the photograph.");
  BOOST_TEST(align_box(white, {1e30f, 0, 4, 4}, params).reason == "The box lies wholly outside the photograph.");
  BOOST_TEST(align_box(white, {10, 10, 0.1f, 0.1f}, params).reason == "");
  params.margin = -0.5;
  BOOST_CHECK_EXCEPTION(align_box(white, {0, 0, 9, 9}, params), std::invalid_argument,
                        says("margin is -0.5; it must be from -0.49 to 10."));
}

// A part of a larger picture is a picture: nothing around it may shine through.
BOOST_AUTO_TEST_CASE(parts_of_pictures_stay_isolated) {
  cv::Mat whole(100, 100, CV_8UC3, cv::Scalar::all(255));
  const cv::Mat part = whole(cv::Rect(30, 30, 40, 40));
  cv::rectangle(whole, cv::Rect(30, 30, 40, 40), cv::Scalar::all(10), cv::FILLED);
  const AlignedFace face = align_box(part, {-10, -10, 40, 40}, {.size = 40, .margin = 0, .shift_down = 0});
  BOOST_TEST(cv::countNonZero(face.pixels.reshape(1) != 10) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
