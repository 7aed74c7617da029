// Templates, and fits to fewer points than five.
#include "nodes/face/face_template.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <stdexcept>

#include "nodes/face/align.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(face_templates)

namespace {

auto says(const std::string& text) {
  return [text](const std::invalid_argument& error) {
    BOOST_TEST(error.what() == text);
    return true;
  };
}

// Where a similarity brings a point.
std::complex<double> mapped(const cv::Matx23d& m, double x, double y) {
  return {m(0, 0) * x + m(0, 1) * y + m(0, 2), m(1, 0) * x + m(1, 1) * y + m(1, 2)};
}

// A face that lies askew, with a wide open mouth and the nose out of place.
constexpr Landmarks askew = {210, 118, 288, 131, 233, 190, 198, 226, 279, 244};

}  // namespace

BOOST_AUTO_TEST_CASE(scaled_by_pixel_centres) {
  const auto within = boost::test_tools::tolerance(1e-6F);
  const FaceTemplate arcface = face_template(TemplateName::arcface, 112);
  BOOST_REQUIRE(arcface.points.size() == 10u);
  BOOST_TEST(arcface.points[0] == 38.2946F, within);
  BOOST_TEST(arcface.points[9] == 92.2041F, within);
  BOOST_TEST(face_template(TemplateName::arcface, 224).points[0] == 38.2946F * 2 + 0.5F, within);
  BOOST_TEST(face_template(TemplateName::arcface, 56).points[1] == 51.6963F / 2 - 0.25F, within);
  BOOST_CHECK_EXCEPTION(face_template(TemplateName::arcface, 4), std::invalid_argument,
                        says("The size of faces in pixels is 4; it must be from 8 to 4096."));
}

BOOST_AUTO_TEST_CASE(five_points_at_112) {
  const std::vector<float> expected = {38.2946F, 51.6963F, 73.5318F, 51.5014F, 56.0252F,
                                       71.7366F, 41.5493F, 92.3655F, 70.7299F, 92.2041F};
  BOOST_TEST(face_template(TemplateName::arcface, 112).points == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_three_points) {
  const FaceTemplate face = face_template(TemplateName::three_point, 112);
  const std::vector<float> expected = {38.2946F, 51.6963F, 73.5318F, 51.5014F, 56.1396F, 92.2848F};
  BOOST_REQUIRE(face.points.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) BOOST_TEST(std::abs(face.points[i] - expected[i]) < 1e-4F);
  const std::vector<float> taken = {210, 118, 288, 131, 238.5F, 235};
  BOOST_TEST(face.points_of(askew) == taken, boost::test_tools::per_element());
}

// The optimum in closed form, with the points as complex numbers.
BOOST_AUTO_TEST_CASE(a_fit_of_three_points_is_the_least_squares) {
  const FaceTemplate face = face_template(TemplateName::three_point, 224);
  const std::vector<float> from = face.points_of(askew);
  const Similarity found = umeyama(from, face.points);
  BOOST_REQUIRE(found);
  double least = 0;
  for (std::size_t i = 0; i < 6; i += 2)
    least += std::norm(mapped(found.matrix, from[i], from[i + 1]) -
                       std::complex<double>(face.points[i], face.points[i + 1]));
  BOOST_TEST(found.residual == std::sqrt(least / 3), boost::test_tools::tolerance(1e-9));
  for (const double step : {1e-3, -1e-3}) {
    for (const bool turned : {false, true}) {
      cv::Matx23d m = found.matrix;
      if (turned)
        m(1, 0) = -(m(0, 1) = m(0, 1) + step);
      else
        m(0, 0) = m(1, 1) = m(0, 0) + step;
      double squares = 0;
      for (std::size_t i = 0; i < 6; i += 2)
        squares +=
            std::norm(mapped(m, from[i], from[i + 1]) - std::complex<double>(face.points[i], face.points[i + 1]));
      BOOST_TEST(squares > least);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_nose_does_not_pull_at_three_points) {
  const FaceTemplate three = face_template(TemplateName::three_point, 64),
                     five = face_template(TemplateName::arcface, 64);
  Landmarks nose_elsewhere = askew;
  nose_elsewhere[4] += 30;
  const cv::Mat grey(300, 400, CV_8UC1, cv::Scalar::all(128));
  BOOST_TEST(
      (align_landmarks(grey, askew, three, 64).matrix == align_landmarks(grey, nose_elsewhere, three, 64).matrix));
  BOOST_TEST((align_landmarks(grey, askew, five, 64).matrix != align_landmarks(grey, nose_elsewhere, five, 64).matrix));
}

BOOST_AUTO_TEST_CASE(a_fit_needs_as_many_points_on_both_sides) {
  const std::vector<float> two = {0, 0, 4, 0}, three = {0, 0, 1, 0, 0, 1};
  BOOST_TEST(umeyama(two, std::vector<float>{1, 1, 1, 3}).scale == 0.5, boost::test_tools::tolerance(1e-9));
  BOOST_CHECK_EXCEPTION(umeyama(two, three), std::invalid_argument,
                        says("A similarity is fitted to x and y of two points or more, as many on both sides; here are "
                             "4 and 6 numbers."));
}

BOOST_AUTO_TEST_SUITE_END()
