// Sources of photographs: what makes a cache of their faces stale, and tables that cannot serve.
#include "nodes/face/photographs.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include "tests/scratch_folder.hpp"

namespace fs = std::filesystem;
using namespace fergraph;

namespace {

// Two photographs (of which only sizes and times matter here) and their table.
struct Table : test::Scratch {
  fs::path csv = write("faces.csv", "image,label\na.jpg,anger\nb.jpg,neutral\n");

  Table() {
    write("a.jpg", "one picture");
    write("b.jpg", "another one");
  }
  SourceFingerprint fingerprint(std::int64_t samples = -1) const {
    CsvPhotographs::Params params;
    params.file = csv;
    const CsvPhotographs source(params);
    return source.fingerprint({0, samples < 0 ? source.size() : samples});
  }
  std::string rows() const { return fingerprint().rows; }
  std::string files() const { return fingerprint().files; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(photographs, Table)

BOOST_AUTO_TEST_CASE(nothing_changed) {
  BOOST_TEST(rows() == rows());
  BOOST_TEST(files() == files());
  BOOST_TEST(rows().starts_with("2, hash "));
  BOOST_TEST(files().starts_with("2 of which 0 are missing, hash "));
}

BOOST_AUTO_TEST_CASE(a_replaced_photograph) {
  const std::string before = files(), same_rows = rows();
  const fs::file_time_type time = fs::last_write_time(folder / "a.jpg");
  write("a.jpg", "a larger picture");
  fs::last_write_time(folder / "a.jpg", time);
  const std::string larger = files();
  BOOST_TEST(larger != before);
  // Of the same size, a moment later.
  write("a.jpg", "A LARGER PICTURE");
  fs::last_write_time(folder / "a.jpg", time + std::chrono::microseconds(1));
  BOOST_TEST(files() != larger);
  BOOST_TEST(rows() == same_rows);
}

BOOST_AUTO_TEST_CASE(a_missing_photograph_that_comes) {
  const std::string whole = files();
  fs::rename(folder / "b.jpg", folder / "away.jpg");
  BOOST_TEST(files().starts_with("2 of which 1 are missing, hash "));
  // A range knows of its own files alone.
  BOOST_TEST(fingerprint(1).files.starts_with("1 of which 0 are missing, hash "));
  fs::rename(folder / "away.jpg", folder / "b.jpg");
  BOOST_TEST(files() == whole);
}

// More than six digits count.
BOOST_AUTO_TEST_CASE(a_box_that_moves_a_little) {
  const std::string head = "image,label,box_x,box_y,box_width,box_height\na.jpg,anger,";
  write("faces.csv", head + "1000.125,2,30,40\n");
  const std::string before = rows(), same_files = files();
  write("faces.csv", head + "1000.0625,2,30,40\n");
  BOOST_TEST(rows() != before);
  BOOST_TEST(files() == same_files);
}

BOOST_AUTO_TEST_CASE(landmarks_that_are_required) {
  CsvPhotographs::Params params;
  params.file = csv;
  BOOST_TEST(CsvPhotographs(params).size() == 2);
  params.landmarks = LandmarkColumns::needed;
  BOOST_CHECK_EXCEPTION(CsvPhotographs{params}, std::runtime_error, [](const std::runtime_error& error) {
    return std::string(error.what()).find("these columns are missing: 'left_eye_x', ") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
