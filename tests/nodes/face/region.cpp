// Decoding only the part of a photograph that a face needs: the same pixels, the same faces.
#include "nodes/face/region.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <random>
#include <vector>

#include "nodes/face/align.hpp"
#include "nodes/face/decode.hpp"
#include "tests/jpeg_pictures.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(region)

namespace {

using Bytes = std::vector<std::uint8_t>;

// Blurred noise in two sizes over a slope, with a few edges: textures as of a photograph.
cv::Mat photograph(int width, int height, std::uint64_t seed) {
  cv::RNG random(seed);
  cv::Mat coarse(height / 24 + 2, width / 24 + 2, CV_8UC3), fine(height, width, CV_8UC3), large;
  random.fill(coarse, cv::RNG::UNIFORM, 30, 226);
  random.fill(fine, cv::RNG::UNIFORM, 0, 256);
  cv::resize(coarse, large, {width, height}, 0, 0, cv::INTER_CUBIC);
  cv::GaussianBlur(fine, fine, {0, 0}, 1.5);
  cv::Mat mixed;
  cv::addWeighted(large, 0.85, fine, 0.3, -20, mixed);
  cv::ellipse(mixed, {width / 2, height / 2}, {width / 5, height / 4}, 20, 0, 360, {230, 180, 150}, 3);
  return mixed;
}

Bytes jpeg(const cv::Mat& rgb, JpegKind kind) {
  kind.quality = 90;
  if (kind.stored_as != JCS_CMYK && kind.stored_as != JCS_YCCK) return jpeg_of(rgb, kind);
  std::vector<cv::Mat> channels;
  cv::split(rgb, channels);
  channels.emplace_back(rgb.size(), CV_8U, 200);
  cv::Mat cmyk;
  cv::merge(channels, cmyk);
  return jpeg_of(cmyk, kind);
}

std::vector<JpegKind> kinds() {
  std::vector<JpegKind> all;
  for (const auto& [horizontal, vertical] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}}) {
    JpegKind kind;
    kind.horizontal = horizontal;
    kind.vertical = vertical;
    all.push_back(kind);
    kind.is_progressive = true;
    all.push_back(kind);
  }
  for (const J_COLOR_SPACE stored : {JCS_GRAYSCALE, JCS_RGB, JCS_CMYK, JCS_YCCK}) {
    all.emplace_back();
    all.back().stored_as = stored;
  }
  all.emplace_back();
  all.back().restart_rows = 1;
  for (int orientation = 2; orientation <= 8; ++orientation) {
    all.emplace_back();
    all.back().orientation = orientation;
  }
  return all;
}

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

std::string told(const JpegKind& kind) {
  return "stored " + std::to_string(kind.stored_as) + ", colour " + std::to_string(kind.horizontal) + "x" +
         std::to_string(kind.vertical) + (kind.is_progressive ? ", progressive" : "") + ", orientation " +
         std::to_string(kind.orientation);
}

double decibels(const cv::Mat& a, const cv::Mat& b) { return cv::PSNR(a, b); }

// Landmarks of a face whose template of `size` pixels is `scale` times as large in the photograph.
Landmarks landmarks_at(double x, double y, double scale, double turn, const FaceTemplate& face) {
  Landmarks points{};
  for (std::size_t i = 0; i < 10; i += 2) {
    const double u = face.points[i] * scale, v = face.points[i + 1] * scale;
    points[i] = static_cast<float>(x + std::cos(turn) * u - std::sin(turn) * v);
    points[i + 1] = static_cast<float>(y + std::sin(turn) * u + std::cos(turn) * v);
  }
  return points;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_part_has_the_pixels_of_the_whole) {
  std::mt19937 random(1);
  for (const JpegKind& kind : kinds()) {
    const Bytes bytes = jpeg(photograph(203, 147, 7), kind);
    const Decoded whole = decode_bytes(bytes);
    BOOST_REQUIRE_MESSAGE(whole, whole.reason);
    for (int trial = 0; trial < 24; ++trial) {
      const auto any = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
      const cv::Rect part(any(-20, 200), any(-20, 140), any(1, 120), any(1, 120));
      const cv::Rect inside = part & cv::Rect({0, 0}, whole.pixels.size());
      const Decoded decoded = decode_bytes(bytes, {}, {FaceRegion{part, 1}});
      if (inside.empty()) {
        BOOST_TEST(decoded.reason == "The face lies wholly outside the photograph.");
        continue;
      }
      BOOST_REQUIRE_MESSAGE(decoded, decoded.reason);
      const cv::Mat wanted = decoded.window.is_whole() ? whole.pixels : whole.pixels(inside);
      BOOST_TEST(same(decoded.pixels, wanted), told(kind) << ", part " << part);
      if (!decoded.window.is_whole()) {
        BOOST_TEST(decoded.window.x == inside.x);
        BOOST_TEST(decoded.window.y == inside.y);
        BOOST_TEST(decoded.window.photograph_width == whole.pixels.cols);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_part_that_shrinks_has_the_pixels_of_the_whole_that_shrinks) {
  std::mt19937 random(2);
  for (const JpegKind& kind : kinds()) {
    const Bytes bytes = jpeg(photograph(203, 147, 7), kind);
    const Decoded whole = decode_bytes(bytes);
    for (const int shrink : {2, 3, 4, 8}) {
      const Decoded all = decode_bytes(bytes, {}, {FaceRegion{{0, 0, 1000, 1000}, shrink}});
      BOOST_REQUIRE_MESSAGE(all, all.reason);
      const int step = all.window.step;
      BOOST_TEST(step == FaceRegion({}, shrink).step());
      for (int trial = 0; trial < 8; ++trial) {
        const auto any = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
        const cv::Rect part(any(-20, 140), any(-20, 100), any(30, 120), any(30, 120));
        const Decoded decoded = decode_bytes(bytes, {}, {FaceRegion{part, shrink}});
        BOOST_REQUIRE_MESSAGE(decoded, decoded.reason);
        // On the grid of the whole, and around the part.
        BOOST_TEST((decoded.window.x - all.window.x) % step == 0);
        const cv::Rect inside = part & cv::Rect({0, 0}, whole.pixels.size());
        BOOST_TEST(decoded.window.x <= inside.x);
        BOOST_TEST(decoded.window.y <= inside.y);
        BOOST_TEST(decoded.window.x + step * decoded.pixels.cols >= inside.br().x);
        BOOST_TEST(decoded.window.y + step * decoded.pixels.rows >= inside.br().y);
        const cv::Rect at((decoded.window.x - all.window.x) / step, (decoded.window.y - all.window.y) / step,
                          decoded.pixels.cols, decoded.pixels.rows);
        BOOST_TEST(same(decoded.pixels, all.pixels(at)), told(kind) << ", shrink " << shrink << ", part " << part);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(faces_of_a_part_are_those_of_the_whole) {
  std::mt19937 random(3);
  const auto any = [&](double low, double high) { return std::uniform_real_distribution(low, high)(random); };
  const FaceTemplate face = face_template(TemplateName::arcface, 48);
  int cut = 0;
  for (const int orientation : {1, 6}) {
    JpegKind kind;
    kind.orientation = orientation;
    const Bytes bytes = jpeg(photograph(320, 260, 9), kind);
    const Decoded whole = decode_bytes(bytes);
    for (int trial = 0; trial < 60; ++trial) {
      const Landmarks points = landmarks_at(any(-40, 280), any(-40, 230), any(0.3, 3.5), any(-0.6, 0.6), face);
      const AlignedFace wanted = align_landmarks(whole.pixels, points, face, 48);
      const FoundRegion found = region_of_landmarks(points, face, 48);
      BOOST_REQUIRE(found);
      const Decoded part = decode_bytes(bytes, {}, {found.region, false});
      if (!part) {
        BOOST_TEST(part.reason == wanted.reason);
        continue;
      }
      const AlignedFace aligned = align_landmarks(part.pixels, points, face, 48, FaceBorder::replicate, part.window);
      BOOST_TEST(aligned.reason == wanted.reason);
      if (wanted) BOOST_TEST(same(aligned.pixels, wanted.pixels));
      cut += part.window.is_whole() ? 0 : 1;

      const FaceBox box{static_cast<float>(any(-30, 250)), static_cast<float>(any(-30, 200)),
                        static_cast<float>(any(10, 150)), static_cast<float>(any(10, 150))};
      const BoxParams params{40, any(0, 0.3), any(-0.1, 0.1)};
      const AlignedFace boxed = align_box(whole.pixels, box, params);
      const Decoded square = decode_bytes(bytes, {}, {region_of_box(box, params).region, false});
      if (!boxed) continue;
      BOOST_REQUIRE_MESSAGE(square, square.reason);
      BOOST_TEST(same(align_box(square.pixels, box, params, square.window).pixels, boxed.pixels));
    }
  }
  BOOST_TEST(cut > 60);
}

// The mark is 38 dB against decoding all and averaging areas.
BOOST_AUTO_TEST_CASE(faces_that_shrink_while_they_are_decoded) {
  std::mt19937 random(4);
  const auto any = [&](double low, double high) { return std::uniform_real_distribution(low, high)(random); };
  const int size = 64;
  const FaceTemplate face = face_template(TemplateName::arcface, size);
  double least = 100, least_boxed = 100;
  for (const int orientation : {1, 3, 8}) {
    JpegKind kind;
    kind.orientation = orientation;
    const Bytes bytes = jpeg(photograph(900, 800, 11), kind);
    const Decoded whole = decode_bytes(bytes);
    for (int trial = 0; trial < 20; ++trial) {
      const double scale = any(2, 10);
      const Landmarks points =
          landmarks_at(any(0, 800 - 64 * scale), any(0, 700 - 64 * scale), scale, any(-0.4, 0.4), face);
      const AlignedFace wanted = align_landmarks(whole.pixels, points, face, size);
      const FoundRegion found = region_of_landmarks(points, face, size);
      const Decoded part = decode_bytes(bytes, {}, {found.region});
      BOOST_REQUIRE_MESSAGE(part, part.reason);
      BOOST_TEST(part.window.step > 1);
      const AlignedFace aligned = align_landmarks(part.pixels, points, face, size, FaceBorder::replicate, part.window);
      least = std::min(least, decibels(aligned.pixels, wanted.pixels));

      const float side = static_cast<float>(size * scale);
      const FaceBox box{static_cast<float>(any(-20, 300)), static_cast<float>(any(-20, 300)), side, side};
      const BoxParams params{size, 0.1, 0.05};
      const AlignedFace boxed = align_box(whole.pixels, box, params);
      const Decoded square = decode_bytes(bytes, {}, {region_of_box(box, params).region});
      BOOST_REQUIRE_MESSAGE(square, square.reason);
      least_boxed =
          std::min(least_boxed, decibels(align_box(square.pixels, box, params, square.window).pixels, boxed.pixels));
    }
  }
  BOOST_TEST(least >= 38);
  BOOST_TEST(least_boxed >= 38);
  BOOST_TEST_MESSAGE("least PSNR: landmarks " << least << " dB, boxes " << least_boxed << " dB");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_short_is_no_photograph) {
  const Bytes bytes = jpeg(photograph(400, 400, 5), {});
  const DecodeRegion upper{FaceRegion{{10, 10, 80, 60}, 1}};
  BOOST_TEST(decode_bytes(bytes, {}, upper).reason == "");
  for (const std::size_t size : {bytes.size() - 2, bytes.size() * 3 / 4, bytes.size() / 2, bytes.size() / 8}) {
    const std::string reason =
        decode_bytes(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)), {}, upper).reason;
    BOOST_TEST(reason.starts_with("The JPEG is truncated or damaged"), size << ": " << reason);
  }
}

BOOST_AUTO_TEST_CASE(other_formats_are_cut) {
  const cv::Mat rgb = photograph(90, 70, 6);
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  for (const char* const extension : {".png", ".bmp", ".tif", ".ppm"}) {
    Bytes bytes;
    BOOST_REQUIRE(cv::imencode(extension, bgr, bytes));
    const Decoded part = decode_bytes(bytes, {}, {FaceRegion{{60, 20, 50, 30}, 4}});
    BOOST_REQUIRE_MESSAGE(part, part.reason);
    BOOST_TEST(part.window.step == 1);
    BOOST_TEST(same(part.pixels, rgb({60, 20, 30, 30})));
  }
}

BOOST_AUTO_TEST_CASE(a_part_for_another_face_is_a_mistake) {
  const Bytes bytes = jpeg(photograph(300, 300, 5), {});
  const FaceTemplate face = face_template(TemplateName::arcface, 48);
  const Landmarks points = landmarks_at(100, 100, 1.2, 0, face);
  const Decoded part = decode_bytes(bytes, {}, {FaceRegion{{10, 10, 80, 60}, 1}});
  BOOST_CHECK_THROW(align_landmarks(part.pixels, points, face, 48, FaceBorder::replicate, part.window),
                    std::invalid_argument);
  BOOST_CHECK_THROW(align_box(part.pixels, {100, 100, 50, 50}, {}, part.window), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
