#include "nodes/face/decode.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/jpeg_pictures.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;
namespace fs = std::filesystem;

namespace {

using Bytes = std::vector<std::uint8_t>;

// A smooth picture with an edge, RGB; the corners tell its orientation.
cv::Mat picture(int width, int height) {
  cv::Mat rgb(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      rgb.at<cv::Vec3b>(y, x) = {static_cast<std::uint8_t>(255 * x / width),
                                 static_cast<std::uint8_t>(255 * y / height),
                                 static_cast<std::uint8_t>(x > y ? 200 : 40)};
    }
  }
  return rgb;
}

Bytes encoded(const std::string& extension, const cv::Mat& rgb, const std::vector<int>& params = {}) {
  cv::Mat bgr = rgb.clone();
  if (rgb.channels() == 3) cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  if (rgb.channels() == 4) cv::cvtColor(rgb, bgr, cv::COLOR_RGBA2BGRA);
  Bytes bytes;
  BOOST_REQUIRE(cv::imencode(extension, bgr, bytes, params));
  return bytes;
}

cv::Mat by_opencv(const Bytes& bytes) {
  cv::Mat rgb;
  cv::cvtColor(cv::imdecode(bytes, cv::IMREAD_COLOR), rgb, cv::COLOR_BGR2RGB);
  return rgb;
}

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

std::string reason(const Bytes& bytes, const DecodeLimits& limits = {}) {
  const Decoded decoded = decode_bytes(bytes, limits);
  BOOST_TEST(decoded.pixels.empty() == !decoded.reason.empty());
  return decoded.reason;
}

Bytes cut(Bytes bytes, std::size_t size) {
  bytes.resize(size);
  return bytes;
}

// With an EXIF segment right after the start marker that says no more than the orientation.
Bytes with_orientation(const Bytes& jpeg, int orientation, bool big_endian) {
  using namespace std::string_literals;
  std::string exif =
      "\xFF\xE1\x00\x22"
      "Exif\0\0"
      "II*\0\x08\0\0\0"
      "\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0"s;
  if (big_endian) {
    exif =
        "\xFF\xE1\x00\x22"
        "Exif\0\0"
        "MM\0*\0\0\0\x08"
        "\0\x01\x01\x12\0\x03\0\0\0\x01\0?\0\0\0\0\0\0"s;
  }
  exif[exif.find('?')] = static_cast<char>(orientation);
  Bytes bytes(jpeg.begin(), jpeg.begin() + 2);
  bytes.insert(bytes.end(), exif.begin(), exif.end());
  bytes.insert(bytes.end(), jpeg.begin() + 2, jpeg.end());
  return bytes;
}

// A four-channel JPEG as Photoshop writes it: inverted CMYK, or YCCK, with the Adobe marker.
Bytes cmyk_jpeg(J_COLOR_SPACE space, std::array<std::uint8_t, 4> colour) {
  const cv::Mat pixels(16, 16, CV_8UC4, cv::Scalar(colour[0], colour[1], colour[2], colour[3]));
  return test::jpeg_of(pixels, {.stored_as = space, .quality = 100});
}

// An entry of a TIFF's directory; types: 3 and 4 are numbers of 16 and 32 bits, 16 stands elsewhere in the file.
struct TiffEntry {
  std::uint32_t tag, type, value;
};

// A grey TIFF of 10x10 pixels, little-endian, with these entries instead of or beside the usual ones.
Bytes tiff(const std::vector<TiffEntry>& changes) {
  std::vector<TiffEntry> entries = {{256, 4, 10}, {257, 4, 10}, {258, 3, 8},  {259, 3, 1},  {262, 3, 1},
                                    {273, 4, 0},  {277, 3, 1},  {278, 4, 10}, {279, 4, 100}};
  for (const TiffEntry& change : changes) {
    const auto is_same = [&](const TiffEntry& each) { return each.tag == change.tag; };
    // Of two changes of one tag the second is one more entry.
    if (&change == &*std::find_if(changes.begin(), changes.end(), is_same)) std::erase_if(entries, is_same);
    entries.push_back(change);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const TiffEntry& a, const TiffEntry& b) { return a.tag < b.tag; });
  Bytes bytes = {'I', 'I', 42, 0, 8, 0, 0, 0};
  const auto add = [&bytes](std::uint32_t number, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * i));
  };
  const auto pixels = static_cast<std::uint32_t>(8 + 2 + 12 * entries.size() + 4);
  add(static_cast<std::uint32_t>(entries.size()), 2);
  for (const TiffEntry& entry : entries) {
    add(entry.tag, 2);
    add(entry.type, 2);
    add(1, 4);
    add(entry.tag == 273 ? pixels : entry.value, 4);
  }
  add(0, 4);
  for (std::uint32_t i = 0; i < 100; ++i) add(i, 1);
  return bytes;
}

struct Folder : test::Scratch {
  fs::path write_bytes(const std::string& name, const Bytes& bytes) const {
    return write(name, {bytes.begin(), bytes.end()});
  }
};

// What is written to stderr while it lives, by any library.
struct StderrCapture {
  fs::path file = fs::temp_directory_path() / ("fergraph-stderr-" + std::to_string(::getpid()));
  int saved = ::dup(2);
  StderrCapture() {
    std::fflush(stderr);
    if (!std::freopen(file.c_str(), "w", stderr)) BOOST_FAIL("stderr cannot be captured");
  }
  std::string finish() {
    std::fflush(stderr);
    ::dup2(saved, 2);
    ::close(saved);
    std::ifstream in(file);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    fs::remove(file);
    return text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(decode, Folder)

BOOST_AUTO_TEST_CASE(jpeg_equals_opencv) {
  const cv::Mat rgb = picture(101, 67);
  for (const std::vector<int>& params : std::vector<std::vector<int>>{
           {}, {cv::IMWRITE_JPEG_QUALITY, 60}, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}, {cv::IMWRITE_JPEG_RST_INTERVAL, 3}}) {
    const Bytes bytes = encoded(".jpg", rgb, params);
    const Decoded decoded = decode_bytes(bytes);
    BOOST_TEST(decoded.reason == "");
    BOOST_TEST(same(decoded.pixels, by_opencv(bytes)));
  }
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  const Bytes bytes = encoded(".jpg", grey);
  BOOST_TEST(same(decode_bytes(bytes).pixels, by_opencv(bytes)));
}

BOOST_AUTO_TEST_CASE(lossless_formats_give_the_pixels_back) {
  const cv::Mat rgb = picture(37, 21);
  for (const char* extension : {".png", ".bmp", ".tiff", ".ppm"}) {
    const Decoded decoded = decode_bytes(encoded(extension, rgb));
    BOOST_TEST(decoded.reason == "", extension);
    BOOST_TEST(same(decoded.pixels, rgb), extension);
  }
  cv::Mat grey, grey_rgb;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  cv::cvtColor(grey, grey_rgb, cv::COLOR_GRAY2RGB);
  for (const char* extension : {".png", ".bmp", ".tiff", ".pgm"}) {
    BOOST_TEST(same(decode_bytes(encoded(extension, grey)).pixels, grey_rgb), extension);
  }
  const Bytes webp = encoded(".webp", rgb);
  BOOST_TEST(same(decode_bytes(webp).pixels, by_opencv(webp)));
  BOOST_TEST(same(decode_bytes(encoded(".webp", rgb, {cv::IMWRITE_WEBP_QUALITY, 101})).pixels, rgb));
}

BOOST_AUTO_TEST_CASE(alpha_and_sixteen_bits) {
  const cv::Mat rgb = picture(19, 11);
  cv::Mat rgba, deep;
  cv::cvtColor(rgb, rgba, cv::COLOR_RGB2RGBA);
  for (int y = 0; y < rgba.rows; ++y) rgba.at<cv::Vec4b>(y, y)[3] = 7;
  BOOST_TEST(same(decode_bytes(encoded(".png", rgba)).pixels, rgb));
  BOOST_TEST(same(decode_bytes(encoded(".bmp", rgba)).pixels, rgb));
  rgb.convertTo(deep, CV_16U, 256, 77);
  BOOST_TEST(same(decode_bytes(encoded(".png", deep)).pixels, rgb));
  BOOST_TEST(decode_bytes(encoded(".ppm", deep)).reason == "");
}

BOOST_AUTO_TEST_CASE(cmyk) {
  // Inverted: 255 is no ink. Full cyan, no black: (0, 255, 255).
  for (const J_COLOR_SPACE space : {JCS_CMYK, JCS_YCCK}) {
    const Bytes bytes = cmyk_jpeg(space, {0, 255, 255, 255});
    const Decoded decoded = decode_bytes(bytes);
    BOOST_REQUIRE(decoded);
    const cv::Vec3b colour = decoded.pixels.at<cv::Vec3b>(8, 8);
    BOOST_TEST((colour[0] <= 3 && colour[1] >= 252 && colour[2] >= 252));
    BOOST_TEST(same(decoded.pixels, by_opencv(bytes)));
    const cv::Vec3b half = decode_bytes(cmyk_jpeg(space, {255, 255, 255, 128})).pixels.at<cv::Vec3b>(8, 8);
    BOOST_TEST(std::abs(half[0] - 128) <= 2);
  }
}

BOOST_AUTO_TEST_CASE(exif_orientation_is_applied) {
  const cv::Mat rgb = picture(48, 32);
  const Bytes jpeg = encoded(".jpg", rgb);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      const Bytes bytes = with_orientation(jpeg, orientation, big_endian);
      const Decoded decoded = decode_bytes(bytes);
      BOOST_REQUIRE(decoded);
      BOOST_TEST(same(decoded.pixels, by_opencv(bytes)), "orientation " << orientation);
      BOOST_TEST(decoded.pixels.cols == (orientation >= 5 ? 32 : 48));
    }
  }
  BOOST_TEST(exif_orientation({}) == 1);
  BOOST_TEST(decode_bytes(with_orientation(jpeg, 77, false)).pixels.cols == 48);
  // By definition: 6 is to be turned clockwise, so the stored upper left pixel comes to the upper right.
  cv::Mat turned;
  cv::rotate(rgb, turned, cv::ROTATE_90_CLOCKWISE);
  BOOST_TEST(same(upright(rgb, 6), turned));
  cv::rotate(rgb, turned, cv::ROTATE_90_COUNTERCLOCKWISE);
  BOOST_TEST(same(upright(rgb, 8), turned));
  cv::rotate(rgb, turned, cv::ROTATE_180);
  BOOST_TEST(same(upright(rgb, 3), turned));
}

BOOST_AUTO_TEST_CASE(truncated_pictures_fail) {
  const cv::Mat rgb = picture(120, 90);
  const Bytes jpeg = encoded(".jpg", rgb), png = encoded(".png", rgb), bmp = encoded(".bmp", rgb);
  BOOST_TEST(reason(cut(jpeg, jpeg.size() / 2)) == "The JPEG is truncated or damaged (Premature end of JPEG file).");
  BOOST_TEST(reason(cut(jpeg, jpeg.size() - 2)) == "The JPEG is truncated or damaged (Premature end of JPEG file).");
  BOOST_TEST(reason(cut(jpeg, 20)).starts_with("The JPEG "));
  BOOST_TEST(reason(cut(png, png.size() / 2)) == "The PNG is truncated or damaged (the file ends early).");
  BOOST_TEST(reason(cut(png, png.size() - 4)) == "The PNG is truncated or damaged (the file ends early).");
  BOOST_TEST(reason(cut(bmp, bmp.size() - 1)) ==
             "The BMP is truncated or damaged (its pixels do not fit into the file).");
  BOOST_TEST(reason(cut(bmp, 30)) == "The BMP is truncated (its header is not whole).");
  const Bytes webp = encoded(".webp", rgb), ppm = encoded(".ppm", rgb);
  BOOST_TEST(reason(cut(webp, webp.size() / 2)) == "The WebP is truncated or damaged (its header is not whole).");
  BOOST_TEST(reason(cut(ppm, ppm.size() - 1)) == "The PNM is truncated (its pixels do not fit into the file).");
  Bytes progressive = encoded(".jpg", rgb, {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  BOOST_TEST(reason(cut(progressive, progressive.size() * 3 / 4)) ==
             "The JPEG is truncated or damaged (Premature end of JPEG file).");
  // Stray bytes after the end marker do no harm.
  Bytes longer = jpeg;
  longer.insert(longer.end(), 100, 0);
  BOOST_TEST(reason(longer) == "");
}

BOOST_AUTO_TEST_CASE(sizes_are_checked_before_decoding) {
  const cv::Mat rgb = picture(64, 64);
  const std::string too_many =
      "The header declares 64x64 pixels, more than the limit of 1000; raise the limit if the file is right.";
  for (const char* extension : {".jpg", ".png", ".bmp", ".tiff", ".ppm", ".webp"}) {
    BOOST_TEST(reason(encoded(extension, rgb), {.max_pixels = 1000}) == too_many, extension);
  }
  Bytes png = encoded(".png", rgb);
  std::fill_n(png.begin() + 16, 2, std::uint8_t{0x7F});
  BOOST_TEST(reason(png).starts_with("The header declares 2139029568x64 pixels, more than the limit of 100000000"));
  Bytes bmp = encoded(".bmp", rgb);
  std::fill_n(bmp.begin() + 18, 3, std::uint8_t{0xFF});
  BOOST_TEST(reason(bmp).starts_with("The header declares 16777215x64 pixels"));
  bmp = encoded(".bmp", rgb);
  std::fill_n(bmp.begin() + 18, 4, std::uint8_t{0});
  BOOST_TEST(reason(bmp) == "The header declares a picture of 0x64 pixels.");
}

// A lossless WebP whose first byte is wrong: OpenCV would hand it on to the readers of other formats, and one of these
// would take 400 MB of memory for it.
BOOST_AUTO_TEST_CASE(a_webp_that_is_none_goes_nowhere_else) {
  Bytes webp = encoded(".webp", picture(40, 30), {cv::IMWRITE_WEBP_QUALITY, 101});
  BOOST_REQUIRE(webp[20] == 0x2F);
  webp[20] = 5;
  StderrCapture capture;
  BOOST_TEST(reason(webp) == "The WebP is truncated or damaged (its header is not whole).");
  BOOST_TEST(capture.finish() == "");
  cv::Mat rgba;
  cv::cvtColor(picture(40, 30), rgba, cv::COLOR_RGB2RGBA);
  for (int y = 0; y < rgba.rows; ++y) rgba.at<cv::Vec4b>(y, y)[3] = 7;
  for (const int quality : {70, 101}) {
    const Bytes with_alpha = encoded(".webp", rgba, {cv::IMWRITE_WEBP_QUALITY, quality});
    BOOST_TEST(same(decode_bytes(with_alpha).pixels, by_opencv(with_alpha)));
  }
}

// Where the part ends among the last rows that are stored, their decoding has taken the end marker from the file.
BOOST_AUTO_TEST_CASE(a_part_that_ends_anywhere_is_whole) {
  for (const std::vector<int>& params :
       std::vector<std::vector<int>>{{}, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}, {cv::IMWRITE_JPEG_RST_INTERVAL, 6}}) {
    const Bytes jpeg = encoded(".jpg", picture(96, 64), params);
    for (int end = 1; end <= 64; ++end)
      for (const int shrink : {1, 2, 4, 8}) {
        const DecodeRegion region{.face = FaceRegion{{10, 0, 30, end}, shrink}};
        BOOST_TEST(decode_bytes(jpeg, {}, region).reason == "", "up to row " << end << ", shrunk by " << shrink);
        BOOST_TEST(decode_bytes(cut(jpeg, jpeg.size() - 2), {}, region).reason != "",
                   "cut, up to row " << end << ", shrunk by " << shrink);
      }
  }
}

// Before libtiff takes memory for what it makes of them.
BOOST_AUTO_TEST_CASE(sizes_of_a_tiff_that_can_be_understood_otherwise) {
  BOOST_TEST(reason(tiff({})) == "");
  BOOST_TEST(reason(tiff({{256, 3, 10}})) == "");
  const std::string damaged = "The TIFF is truncated or damaged (its header is not whole).";
  BOOST_TEST(reason(tiff({{256, 4, 30000}, {256, 4, 10}})) == damaged);
  BOOST_TEST(reason(tiff({{257, 16, 10}})) == damaged);
  BOOST_TEST(reason(tiff({{256, 1, 10}})) == damaged);
  BOOST_TEST(reason(tiff({{322, 4, 16384}, {323, 4, 16384}}), {.max_pixels = 1000}) ==
             "The TIFF is damaged (its tiles have 16384x16384 pixels).");
  BOOST_TEST(reason(tiff({{278, 4, 1'000'000}}), {.max_pixels = 1000}) ==
             "The TIFF is damaged (its strips have 10x1000000 pixels).");
  BOOST_TEST(reason(tiff({{278, 4, 1000}}), {.max_pixels = 1000}) == "");
  BOOST_TEST(reason(tiff({{278, 4, 0xFFFFFFFF}}), {.max_pixels = 1000}) == "");
  BOOST_TEST(reason(tiff({{322, 4, 16384}})) == "The TIFF is damaged (its tiles have 16384x0 pixels).");
}

BOOST_AUTO_TEST_CASE(files_that_are_no_pictures) {
  const auto bytes_of = [](std::string_view text) { return Bytes(text.begin(), text.end()); };
  BOOST_TEST(reason({}) == "The file is empty.");
  BOOST_TEST(reason(bytes_of("hello")) ==
             "The file is no JPEG, PNG, BMP, PNM, TIFF or WebP; convert it, or download it again.");
  BOOST_TEST(
      reason(bytes_of("<html>404</html>")) ==
      "The file is no JPEG, PNG, BMP, PNM, TIFF or WebP but a web page or other text; convert it, or download it "
      "again.");
  BOOST_TEST(
      reason(Bytes(500, 0)) ==
      "The file is no JPEG, PNG, BMP, PNM, TIFF or WebP but nothing but zeros; convert it, or download it again.");
  for (const std::string_view magic : {"\xFF\xD8\xFF", "\x89PNG\r\n\x1A\n", "BM", "P6", "RIFF....WEBP"}) {
    BOOST_TEST(reason(bytes_of(magic)) != "");
  }
}

BOOST_AUTO_TEST_CASE(files) {
  const cv::Mat rgb = picture(20, 20);
  BOOST_TEST(same(decode_file(write_bytes("named.jpg", encoded(".png", rgb))).pixels, rgb));
  BOOST_TEST(decode_file(folder / "none.jpg").reason == "There is no such file.");
  BOOST_TEST(decode_file(folder / "named.jpg" / "below.jpg").reason == "There is no such file.");
  BOOST_TEST(decode_file(folder).reason == "This is a folder and no file.");
  BOOST_TEST(decode_file(write_bytes("empty.jpg", {})).reason == "The file is empty.");
  BOOST_TEST(decode_file(folder / "named.jpg", {.max_bytes = 10}).reason.find("more than the limit of 10; raise") !=
             std::string::npos);
  BOOST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  BOOST_TEST(decode_file(folder / "pipe").reason == "This is a device or pipe and no file.");
}

// Whatever the bytes: pixels or a reason, and not a word on stderr.
BOOST_AUTO_TEST_CASE(mutations_give_pixels_or_a_reason) {
  const cv::Mat rgb = picture(60, 45);
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  const std::vector<Bytes> originals = {encoded(".jpg", rgb),  encoded(".jpg", rgb, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}),
                                        encoded(".png", rgb),  encoded(".bmp", rgb),
                                        encoded(".bmp", grey), encoded(".ppm", rgb),
                                        encoded(".webp", rgb), with_orientation(encoded(".jpg", grey), 6, true)};
  const DecodeLimits limits{.max_pixels = 1'000'000};
  std::uint32_t state = 1;
  const auto random = [&state](std::size_t bound) {
    state = state * 1664525 + 1013904223;
    return static_cast<std::size_t>((std::uint64_t{state} * bound) >> 32);
  };
  StderrCapture capture;
  std::size_t good = 0, bad = 0, wrong = 0;
  for (const Bytes& original : originals) {
    for (int trial = 0; trial < 300; ++trial) {
      Bytes bytes = original;
      const std::size_t flips = trial % 4 == 0 ? 0 : 1 + random(8);
      // Every other mutation hits the header, where it hurts most.
      for (std::size_t i = 0; i < flips; ++i) {
        bytes[random(trial % 2 ? bytes.size() : std::min<std::size_t>(bytes.size(), 200))] ^=
            static_cast<std::uint8_t>(1u << random(8));
      }
      if (flips == 0 || trial % 5 == 0) bytes.resize(random(bytes.size()));
      const Decoded decoded = decode_bytes(bytes, limits);
      (decoded ? good : bad) += 1;
      if (decoded ? decoded.pixels.type() != CV_8UC3 || decoded.pixels.total() > 1'000'000 : !decoded.pixels.empty())
        ++wrong;
    }
  }
  const std::string noise = capture.finish();
  BOOST_TEST(noise == "");
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(good > 100u);
  BOOST_TEST(bad > 500u);
}

BOOST_AUTO_TEST_CASE(threads_do_not_disturb_each_other) {
  const Bytes whole = encoded(".jpg", picture(80, 60)), half = cut(whole, whole.size() / 2);
  const cv::Mat expected = decode_bytes(whole).pixels;
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        if (decode_bytes(half)) ++wrong[t];
        if (!same(decode_bytes(whole).pixels, expected)) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(wrong == std::vector<int>(4, 0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
