#include "nodes/face/haar.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(haar)

namespace {

// A drawn face, which the cascade takes for one: dark eyes below brows, a nose ridge, a mouth, on a bright oval.
cv::Mat drawn_face(int width, int height, cv::Point centre, int radius) {
  cv::Mat rgb(height, width, CV_8UC3, cv::Scalar(90, 100, 110));
  const auto ellipse = [&](double x, double y, double w, double h, int grey) {
    cv::ellipse(rgb, cv::Point(centre.x + static_cast<int>(x * radius), centre.y + static_cast<int>(y * radius)),
                cv::Size(static_cast<int>(w * radius), static_cast<int>(h * radius)), 0, 0, 360, cv::Scalar::all(grey),
                cv::FILLED, cv::LINE_AA);
  };
  ellipse(0, -0.15, 1.05, 1.35, 50);  // hair
  ellipse(0, 0, 0.9, 1.2, 210);
  for (const double side : {-1.0, 1.0}) {
    ellipse(side * 0.38, -0.25, 0.27, 0.2, 130);  // sockets
    ellipse(side * 0.38, -0.42, 0.24, 0.06, 60);  // brows
    ellipse(side * 0.38, -0.22, 0.15, 0.08, 30);
    ellipse(side * 0.12, 0.22, 0.06, 0.04, 120);  // nostrils
    ellipse(side * 0.55, 0.2, 0.2, 0.2, 225);     // cheeks
  }
  ellipse(0, 0, 0.09, 0.25, 235);
  ellipse(0, 0.55, 0.33, 0.09, 90);
  cv::GaussianBlur(rgb, rgb, cv::Size(), radius / 14.0);
  return rgb;
}

bool same(const std::vector<FaceBox>& a, const std::vector<FaceBox>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const FaceBox& p, const FaceBox& q) {
    return p.x == q.x && p.y == q.y && p.width == q.width && p.height == q.height && p.score == q.score;
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(finds_a_face_and_nothing_in_an_empty_wall) {
  const HaarDetector detector;
  const cv::Mat photograph = drawn_face(320, 300, {150, 140}, 70);
  const std::vector<FaceBox> faces = detector.detect(photograph);
  BOOST_REQUIRE(!faces.empty());
  const FaceBox face = *choose_face(faces, photograph.size(), FaceChoice::largest);
  BOOST_TEST(std::abs(face.x + face.width / 2 - 150) < 20);
  BOOST_TEST(std::abs(face.y + face.height / 2 - 140) < 35);
  BOOST_TEST((face.width > 90 && face.width < 220));
  BOOST_TEST(face.score > 0);
  BOOST_TEST(detector.detect(cv::Mat(300, 300, CV_8UC3, cv::Scalar::all(128))).empty());
  BOOST_TEST(detector.detect(cv::Mat(5, 5, CV_8UC1, cv::Scalar::all(128))).empty());
}

BOOST_AUTO_TEST_CASE(concurrent_calls_give_the_same_boxes) {
  const HaarDetector detector;
  const cv::Mat photograph = drawn_face(320, 300, {150, 140}, 70);
  const std::vector<FaceBox> expected = detector.detect(photograph);
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) wrong[t] += same(detector.detect(photograph), expected) ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(wrong == std::vector<int>(4, 0), boost::test_tools::per_element());
}

// Cut tight and small: found by the second look alone, at its place in the picture as it came.
BOOST_AUTO_TEST_CASE(looks_again_around_tight_pictures) {
  cv::Mat small;
  const cv::Mat tight = drawn_face(320, 300, {150, 140}, 70)(cv::Rect(90, 70, 120, 145));
  cv::resize(tight, small, cv::Size(60, 72), 0, 0, cv::INTER_AREA);
  BOOST_TEST(HaarDetector({.retry_pad = 0}).detect(small).empty());
  const std::vector<FaceBox> faces = HaarDetector().detect(small);
  BOOST_REQUIRE(!faces.empty());
  BOOST_TEST(std::abs(faces[0].x + faces[0].width / 2 - 30) < 8);
  BOOST_TEST(std::abs(faces[0].y + faces[0].height / 2 - 36) < 12);
}

BOOST_AUTO_TEST_CASE(choice_of_a_face) {
  const std::vector<FaceBox> faces = {{0, 0, 50, 50, 9}, {40, 40, 20, 20, 3}, {60, 0, 40, 40, 20}};
  BOOST_TEST(choose_face(faces, {100, 100}, FaceChoice::largest)->width == 50);
  BOOST_TEST(choose_face(faces, {100, 100}, FaceChoice::central)->width == 20);
  BOOST_TEST(choose_face(faces, {100, 100}, FaceChoice::best)->width == 40);
  BOOST_TEST(!choose_face({}, {100, 100}, FaceChoice::best));
  // A tie does not depend on the order.
  const std::vector<FaceBox> twins = {{60, 0, 40, 40, 5}, {0, 0, 40, 40, 5}};
  BOOST_TEST(choose_face(twins, {100, 100}, FaceChoice::largest)->x == 0);
}

BOOST_AUTO_TEST_CASE(errors) {
  const auto says = [](const std::string& text) {
    return [text](const std::exception& error) {
      BOOST_TEST(error.what() == text);
      return true;
    };
  };
  BOOST_CHECK_EXCEPTION(HaarDetector({.cascade = "no_such.xml"}), std::runtime_error, [](const std::exception& error) {
    const std::string text = error.what();
    BOOST_TEST(text.starts_with("The Haar cascade 'no_such.xml' is no file and not in "));
    BOOST_TEST(
        text.ends_with(". Install the package opencv-data, or set FERGRAPH_HAARCASCADES to the folder that has it."));
    return true;
  });
  BOOST_CHECK_EXCEPTION(HaarDetector({.scale_factor = 1}), std::invalid_argument,
                        says("scale_factor is 1; it must be from 1.01 to 10."));
  BOOST_CHECK_EXCEPTION(HaarDetector({.min_neighbors = -1}), std::invalid_argument,
                        says("min_neighbors is -1; it must be from 0 to 1000."));
  BOOST_CHECK_EXCEPTION(HaarDetector({.min_size = 2}), std::invalid_argument,
                        says("min_size is 2; it must be from 0 to 1."));
  BOOST_CHECK_EXCEPTION(HaarDetector({.retry_pad = 2}), std::invalid_argument,
                        says("retry_pad is 2; it must be from 0 to 1."));
  const auto file = std::filesystem::temp_directory_path() / ("fergraph-haar-" + std::to_string(::getpid()) + ".xml");
  for (const char* text : {"", "no xml at all", "<?xml version=\"1.0\"?><opencv_storage><a>1</a></opencv_storage>"}) {
    std::ofstream(file) << text;
    BOOST_CHECK_EXCEPTION(
        HaarDetector({.cascade = file.string()}), std::runtime_error,
        says(file.string() + ": this is no cascade that OpenCV can read; name one of the package opencv-data."));
  }
  std::filesystem::remove(file);
  BOOST_CHECK_EXCEPTION(HaarDetector().detect(cv::Mat()), std::invalid_argument,
                        says("Faces are looked for in pictures of type uint8 [H,W,3] or [H,W] that are not empty."));
}

BOOST_AUTO_TEST_SUITE_END()
