// `fergraph cache preview`: which faces are drawn, and the sheet itself.
#include "report/contact_sheet.hpp"

#include <map>
#include <opencv2/imgcodecs.hpp>

#include "tests/cli/small_faces.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(cache_preview, *boost::unit_test::fixture<SmallCache>())

namespace {

// A colour's number of pixels on a page.
int count_of(const cv::Mat& page, const cv::Vec3b& colour) {
  cv::Mat mask;
  cv::inRange(page, cv::Scalar(colour), cv::Scalar(colour), mask);
  return cv::countNonZero(mask);
}

}  // namespace

BOOST_AUTO_TEST_CASE(faces_are_drawn_evenly_over_classes) {
  std::vector<std::int64_t> labels(50, 0);
  labels.insert(labels.end(), 3, 1);
  labels.insert(labels.end(), 20, 2);
  const auto counts = [&](std::int64_t count, std::uint64_t seed) {
    std::map<std::int64_t, int> found;
    for (const std::int64_t face : choose_over_classes(labels, count, seed))
      ++found[labels[static_cast<std::size_t>(face)]];
    return found;
  };
  BOOST_TEST((counts(9, 1) == std::map<std::int64_t, int>{{0, 3}, {1, 3}, {2, 3}}));
  BOOST_TEST((counts(23, 1) == std::map<std::int64_t, int>{{0, 10}, {1, 3}, {2, 10}}));
  BOOST_TEST((counts(1000, 1) == std::map<std::int64_t, int>{{0, 50}, {1, 3}, {2, 20}}));
  const auto drawn = choose_over_classes(labels, 12, 7);
  BOOST_TEST(drawn == choose_over_classes(labels, 12, 7), boost::test_tools::per_element());
  BOOST_TEST((drawn != choose_over_classes(labels, 12, 8)));
  BOOST_TEST(std::is_sorted(drawn.begin(), drawn.end()));
  BOOST_TEST(choose_over_classes({}, 12, 7).empty());
}

BOOST_AUTO_TEST_CASE(every_face_is_on_the_page_with_a_bar_of_its_class) {
  for (const int side : {8, 32, 48, 112, 224, 300}) {
    const cv::Vec3b colour(10, 200, 30);
    std::vector<SheetFace> faces;
    for (int i = 0; i < 7; ++i)
      faces.push_back({cv::Mat(side, side, CV_8UC3, cv::Scalar(colour)), 0, "happiness", "images/0001.jpg", "train"});
    const std::vector<std::string> lines = {"a line"};
    const cv::Mat page = draw_contact_sheet(faces, "faces.h5", lines);
    const int shown = side < 96 ? side * ((96 + side - 1) / side) : std::min(side, 224);
    BOOST_TEST(count_of(page, colour) == 7 * shown * shown, side);
    BOOST_TEST(count_of(page, {0, 114, 178}) == 7 * shown * 4, side);
  }
}

BOOST_AUTO_TEST_CASE(strange_texts_and_no_faces_do_no_harm) {
  const std::vector<std::string> lines;
  const std::vector<SheetFace> one = {
      {cv::Mat(16, 200, CV_8UC3, cv::Scalar(1, 2, 3)), -1, "Überraschung\x01 of a very long name indeed", "", ""}};
  BOOST_TEST(!draw_contact_sheet(one, "über.h5", lines).empty());
  BOOST_TEST(!draw_contact_sheet({}, "", lines).empty());
}

BOOST_AUTO_TEST_CASE(the_sheet_is_the_same_for_the_same_seed) {
  const Scratch scratch;
  const std::string cache = (small_faces() / "faces.h5").string();
  const Outcome first = run(scratch.folder, {"cache", "preview", cache, "-o", "a.png", "--faces", "20"});
  BOOST_TEST(first.code == 0);
  BOOST_TEST(first.out == "20 faces are on a.png\n");
  run(scratch.folder, {"cache", "preview", cache, "-o", "b.png", "--faces", "20"});
  run(scratch.folder, {"cache", "preview", cache, "-o", "c.png", "--faces", "20", "--seed", "2"});
  BOOST_TEST((text_of(scratch / "a.png") == text_of(scratch / "b.png")));
  BOOST_TEST((text_of(scratch / "a.png") != text_of(scratch / "c.png")));
  BOOST_TEST(cv::imread((scratch / "a.png").string()).cols > 5 * 96);
  BOOST_TEST(run(scratch.folder, {"cache", "preview", cache}).out == "56 faces are on sheet.png\n");
  BOOST_TEST(run(scratch.folder, {"cache", "preview", cache, "--split", "test", "--class", "fear"}).out ==
             "2 faces are on sheet.png\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_shown_is_told) {
  const Scratch scratch;
  const std::string cache = (small_faces() / "faces.h5").string();
  const auto refused = [&](std::vector<std::string> more, const std::string& message, int code = 1) {
    more.insert(more.begin(), {"cache", "preview", cache});
    const Outcome outcome = run(scratch.folder, more);
    BOOST_TEST(outcome.code == code);
    BOOST_TEST(has(outcome.err, message));
    BOOST_TEST(scratch.ending(".png").empty());
  };
  refused({"--split", "tset"}, "has no faces of the split 'tset'. It has 'test' and 'train'. Did you mean 'test'?");
  refused({"--class", "feer"}, "has no class 'feer'. It has 'surprise', 'fear', ");
  refused({"--class", "unknown"}, "has no faces to show: choose another split or class.");
  refused({"-o", "sheet.jpg"}, "'sheet.jpg' is no PNG file: give a name that ends in .png.");
  refused({"-o", "none/sheet.png"}, "'none/sheet.png' could not be written. Check the folder and the free space.");
  refused({"--faces", "0"}, "--faces", 2);
}

BOOST_AUTO_TEST_SUITE_END()
