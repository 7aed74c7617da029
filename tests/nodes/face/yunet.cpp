// The detector around a network whose faces are known.
#include "nodes/face/yunet.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "nodes/face/detect_yunet.hpp"
#include "tests/scratch_folder.hpp"
#include "tests/tiny_yunet.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

const cv::Scalar red(220, 0, 0), green(0, 250, 0), blue(0, 0, 255);

struct Model : Scratch {
  std::filesystem::path file = write("yunet.onnx", tiny_yunet());
  YunetParams params(double score = 0.9) const {
    YunetParams made;
    made.model = file;
    made.score_threshold = score;
    return made;
  }
};

struct Square {
  int x = 0, y = 0, side = 0;
  cv::Scalar colour;
};

cv::Mat photograph(int width, int height, const std::vector<Square>& squares) {
  cv::Mat rgb(height, width, CV_8UC3, cv::Scalar::all(0));
  for (const Square& each : squares) rgb(cv::Rect(each.x, each.y, each.side, each.side)).setTo(each.colour);
  return rgb;
}

void expect_face(const FoundFace& face, float x, float y, float side, double score, double within = 1e-3) {
  BOOST_TEST(std::abs(face.box.x - x) < within, face.box.x);
  BOOST_TEST(std::abs(face.box.y - y) < within, face.box.y);
  BOOST_TEST(std::abs(face.box.width - side) < within, face.box.width);
  BOOST_TEST(std::abs(face.box.height - side) < within, face.box.height);
  BOOST_TEST(std::abs(face.box.score - score) < 1e-4, face.box.score);
  BOOST_REQUIRE(face.landmarks.has_value());
  for (std::size_t i = 0; i < 10; ++i) {
    const float middle = (i % 2 == 0 ? x : y) + side / 2;
    BOOST_TEST(std::abs((*face.landmarks)[i] - (middle + tiny_yunet_points[i] * side / 2)) < within, i);
  }
}

bool cannot_run() {
  if (!reads_tiny_yunet) std::printf("This OpenCV reads another form of the network: a case skipped.\n");
  return !reads_tiny_yunet;
}

auto says(const std::string& text) {
  return [text](const std::exception& error) {
    BOOST_TEST(error.what() == text);
    return true;
  };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(yunet, Model)

BOOST_AUTO_TEST_CASE(rows_become_faces) {
  cv::Mat rows(3, 15, CV_32F, cv::Scalar::all(std::numeric_limits<double>::quiet_NaN()));
  for (int k = 0; k < 15; ++k) rows.at<float>(0, k) = static_cast<float>(k + 1);
  for (int k = 0; k < 15; ++k) rows.at<float>(2, k) = k == 7 ? std::numeric_limits<float>::infinity() : 1;
  const std::vector<FoundFace> faces = faces_of_yunet(rows, 2, 3);
  BOOST_REQUIRE_EQUAL(faces.size(), 1u);
  BOOST_TEST(faces[0].box.x == 2);
  BOOST_TEST(faces[0].box.y == 6);
  BOOST_TEST(faces[0].box.width == 6);
  BOOST_TEST(faces[0].box.height == 12);
  BOOST_TEST(faces[0].box.score == 15);
  // By the centres of pixels.
  const Landmarks expected = {10.5F, 19, 14.5F, 25, 18.5F, 31, 22.5F, 37, 26.5F, 43};
  BOOST_TEST(faces[0].landmarks.value() == expected, boost::test_tools::per_element());
  BOOST_TEST(faces_of_yunet(cv::Mat(), 1, 1).empty());
}

BOOST_AUTO_TEST_CASE(finds_faces_where_they_are) {
  if (cannot_run()) return;
  const YunetDetector detector(params());
  const Faces faces = sorted_by_size(
      detector.detect(photograph(384, 256, {{224, 160, 32, green}, {64, 64, 64, red}, {320, 64, 32, blue}})));
  BOOST_REQUIRE_EQUAL(faces.all().size(), 2u);
  expect_face(faces.all()[0], 32, 32, 128, std::sqrt(220 / 255.0));
  expect_face(faces.all()[1], 208, 144, 64, std::sqrt(250 / 255.0));
  // Left is the picture's left.
  const Landmarks& points = *faces.all()[0].landmarks;
  BOOST_TEST(points[0] < points[2]);
  BOOST_TEST(points[6] < points[8]);
  BOOST_TEST(YunetDetector(params(0.95)).detect(photograph(384, 256, {{64, 64, 64, red}})).empty());
  BOOST_TEST(detector.detect(photograph(384, 256, {})).empty());
}

BOOST_AUTO_TEST_CASE(large_photographs_are_shrunk_and_places_mapped_back) {
  if (cannot_run()) return;
  YunetParams smaller = params();
  smaller.max_side = 256;
  // Looked at with 256 x 192.
  const std::vector<FoundFace> faces = YunetDetector(smaller).detect(photograph(768, 576, {{192, 192, 192, red}}));
  BOOST_REQUIRE_EQUAL(faces.size(), 1u);
  BOOST_TEST(std::abs(faces[0].box.x - 96) < 1e-2);
  BOOST_TEST(std::abs(faces[0].box.width - 384) < 1e-2);
  // The middle of the box is (288, 288); a centre of three pixels lies one pixel further.
  BOOST_TEST(std::abs((*faces[0].landmarks)[4] - 289) < 1e-2);
}

BOOST_AUTO_TEST_CASE(small_and_grey_photographs) {
  if (cannot_run()) return;
  const YunetDetector detector(params(0.5));
  // Of 48 pixels: the square is cut, and what was added counts for black.
  const std::vector<FoundFace> faces = detector.detect(photograph(48, 48, {{0, 0, 48, red}}));
  BOOST_REQUIRE_EQUAL(faces.size(), 1u);
  expect_face(faces[0], -32, -32, 128, std::sqrt(220 / 255.0 * 48 * 48 / 64 / 64));
  BOOST_TEST(detector.detect(cv::Mat(64, 64, CV_8UC1, cv::Scalar::all(200))).empty());
  BOOST_TEST(detector.detect(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(200))).empty());
}

BOOST_AUTO_TEST_CASE(concurrent_calls_on_photographs_of_several_sizes) {
  if (cannot_run()) return;
  const YunetDetector detector(params());
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 6; ++i) {
        const int column = static_cast<int>(t) % 2, width = 192 + 64 * (i % 3);
        const auto faces = detector.detect(photograph(width, 192, {{64 * column, 64, 64, red}}));
        if (faces.size() != 1 || std::abs(faces[0].box.x - static_cast<float>(64 * column - 32)) > 1e-3) ++wrong[t];
      }
    });
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(wrong == std::vector<int>(4, 0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_node) {
  if (cannot_run()) return;
  DetectYunet::Params settings;
  static_cast<YunetParams&>(settings) = params();
  const DetectYunet node(settings);
  const Image image{photograph(384, 256, {{224, 160, 32, green}, {64, 64, 64, red}})};
  DetectYunet::Out out = node.run({image, {}, {}}, settings);
  BOOST_TEST(std::abs(out.box.value().values[0] - 32) < 1e-3);
  BOOST_TEST(out.faces.value().all().size() == 2u);
  settings.choose = FaceChoice::best;
  out = node.run({image, {}, {}}, settings);
  BOOST_TEST(std::abs(out.box.value().values[0] - 208) < 1e-3);
  BOOST_TEST(std::abs(out.score.value().value - std::sqrt(250 / 255.0)) < 1e-4);
  BOOST_CHECK_EXCEPTION(node.run({Image{photograph(128, 128, {})}, {}, {}}, settings), Void, [](const Void& reason) {
    BOOST_TEST(reason.reason == "No face was found.");
    return true;
  });
  // What the data knows is not looked for.
  const FivePoints known{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
  out = node.run({Image{}, known, Box2d{{5, 6, 7, 8}}}, settings);
  BOOST_TEST((out.landmarks.values == known.values));
  BOOST_TEST(out.box.value().values[3] == 8);
  BOOST_TEST((!out.score && !out.faces));

  write("other.onnx", tiny_yunet());
  DetectYunet::Params other = settings;
  other.model = folder / "other.onnx";
  BOOST_TEST(DetectYunet(other).fingerprint() == node.fingerprint());
}

BOOST_AUTO_TEST_CASE(models_that_cannot_serve) {
  const auto made = [&](const std::filesystem::path& model) {
    YunetParams wrong = params();
    wrong.model = model;
    return YunetDetector(wrong);
  };
  BOOST_CHECK_EXCEPTION(made(folder / "none.onnx"), std::runtime_error,
                        says("There is no YuNet model '" + (folder / "none.onnx").string() + "'. Get " +
                             yunet_model_name() + " of the OpenCV Zoo and name it in 'model'."));
  BOOST_CHECK_EXCEPTION(made(folder), std::runtime_error,
                        says("There is no YuNet model '" + folder.string() + "'. Get " + yunet_model_name() +
                             " of the OpenCV Zoo and name it in 'model'."));
  // No ONNX, an empty file, and a network whose outputs are called otherwise.
  std::string renamed = tiny_yunet();
  for (std::size_t at = renamed.find("\x03loc"); at != std::string::npos; at = renamed.find("\x03loc", at))
    renamed.replace(at, 4, "\x03lok");
  for (const std::string& bytes : {std::string("no network at all"), std::string(), renamed}) {
    const auto wrong = write("wrong.onnx", bytes);
    BOOST_CHECK_EXCEPTION(made(wrong), std::runtime_error, [&](const std::runtime_error& error) {
      const std::string text = error.what();
      BOOST_TEST(text.starts_with("'" + wrong.string() + "' is no YuNet model that OpenCV "), text);
      BOOST_TEST(text.find("OpenCV before 4.8 reads face_detection_yunet_2022mar.onnx") != std::string::npos, text);
      return true;
    });
  }
}

BOOST_AUTO_TEST_CASE(errors) {
  YunetParams wrong = params();
  wrong.score_threshold = 1.5;
  BOOST_CHECK_EXCEPTION(YunetDetector{wrong}, std::invalid_argument,
                        says("score_threshold is 1.5; it must be from 0 to 1."));
  wrong = params();
  wrong.max_side = 10;
  BOOST_CHECK_EXCEPTION(YunetDetector{wrong}, std::invalid_argument,
                        says("max_side is 10; it must be from 64 to 10000."));
  if (cannot_run()) return;
  BOOST_CHECK_EXCEPTION(YunetDetector(params()).detect(cv::Mat()), std::invalid_argument,
                        says("Faces are looked for in pictures of type uint8 [H,W,3] or [H,W] that are not empty."));
}

BOOST_AUTO_TEST_SUITE_END()
