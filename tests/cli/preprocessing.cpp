// Photographs into a cache: damaged files, full disks, killed processes.
#include "cache/reader.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(preprocessing, *boost::unit_test::fixture<SmallPhotographs>())

namespace {

// Fields of a CSV without quotes.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
  return fields;
}

// The suite's photographs with a CSV of its own.
class Photographs {
 public:
  Photographs() {
    std::filesystem::copy(small_faces() / "photographs", folder, std::filesystem::copy_options::recursive);
    for (const std::string& line : lines_of(text_of(folder / "faces.csv"))) rows_.push_back(fields_of(line));
  }
  // Row 0 is the first photograph.
  std::string& cell(std::size_t row, const std::string& column) {
    const auto found = std::find(rows_.front().begin(), rows_.front().end(), column);
    BOOST_REQUIRE(found != rows_.front().end());
    return rows_.at(row + 1).at(static_cast<std::size_t>(found - rows_.front().begin()));
  }
  std::string& header(std::size_t column) { return rows_.front().at(column); }
  void replace(const std::string& image, const std::string& bytes) const {
    scratch.write("photographs/images/" + image, bytes);
  }
  // Every photograph so many times, under names of its own: rows that repeat another are left out.
  void repeat(int times) {
    const std::vector<std::vector<std::string>> once(rows_.begin() + 1, rows_.end());
    for (int i = 1; i < times; ++i)
      for (std::vector<std::string> row : once) {
        const std::string name = std::filesystem::path(row.front()).filename().string();
        row.front() = "images/" + std::to_string(i) + "_" + name;
        std::filesystem::create_hard_link(folder / "images" / name, folder / row.front());
        rows_.push_back(row);
      }
  }
  void write() const {
    std::string text;
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) text += (i ? "," : "") + row[i];
      text += "\n";
    }
    scratch.write("photographs/faces.csv", text);
  }

  Scratch scratch;
  std::filesystem::path folder = scratch.folder / "photographs";

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A PNG's header that declares two thousand million columns and rows.
std::string absurd_png() {
  const unsigned char bytes[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,    13,
                                 'I',  'H', 'D', 'R', 0x77, 0x35, 0x94, 0x00, 0x77, 0x35, 0x94, 0x00,
                                 8,    2,   0,   0,   0,    0x0d, 0x5c, 0x0a, 0x27, 0,    0,    0,
                                 0,    'I', 'E', 'N', 'D',  0xae, 0x42, 0x60, 0x82};
  return {reinterpret_cast<const char*>(bytes), sizeof(bytes)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_second_run_finds_nothing_to_do) {
  const Scratch scratch;
  const auto photographs = small_faces() / "photographs";
  const Outcome first = run(scratch.folder, preprocess(photographs));
  BOOST_TEST(first.code == 0);
  BOOST_TEST(has(first.err, "Disk: needs about "));
  BOOST_TEST(has(first.out, "faces: 56 samples, 0 void, "));
  BOOST_TEST(has(first.out, "Run directory: run\n"));
  const Outcome second = run(scratch.folder, preprocess(photographs, "second"));
  BOOST_TEST(second.code == 0);
  BOOST_TEST(second.out == "Everything is up to date; nothing to do.\n");
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "second"));

  // Another size is another cache; the program says why it makes it anew.
  std::vector<std::string> other = preprocess(photographs, "other");
  other.insert(other.end(), {"--set", "size=40"});
  const Outcome stale = run(scratch.folder, other);
  BOOST_TEST(stale.code == 0);
  BOOST_TEST(has(stale.err, "The cache 'faces.h5' is made anew, because it is stale:"));
  BOOST_TEST(has(stale.err, "size"));
}

BOOST_AUTO_TEST_CASE(other_photographs_make_the_cache_stale) {
  Photographs photographs;
  const auto photograph = photographs.folder / "images/00002.jpg";
  const std::string bytes = text_of(photograph);
  std::filesystem::remove(photograph);
  const auto preprocessed = [&](const std::string& out) {
    return run(photographs.scratch.folder, preprocess("photographs", out));
  };
  BOOST_TEST(has(preprocessed("missing").out, "faces: 56 samples, 1 void, "));
  BOOST_TEST(preprocessed("again").out == "Everything is up to date; nothing to do.\n");
  photographs.replace("00002.jpg", bytes);
  const Outcome come = preprocessed("come");
  BOOST_TEST(has(come.err, "files: 56 of which 1 are missing, hash "));
  BOOST_TEST(!has(come.err, "  rows: "));
  BOOST_TEST(has(come.out, "faces: 56 samples, 0 void, "));
}

BOOST_AUTO_TEST_CASE(each_stream_is_told_apart) {
  Photographs photographs;
  photographs.replace("00001.jpg", "");
  photographs.write();
  photographs.scratch.write("two.yaml", "use: " + pipelines + R"(/faces/demo.yaml
streams:
  large:
    photo:  {node: csv_photographs, file: "${photographs}/faces.csv", label: expression, classes: $class_names}
    pixels: {node: decode, photo: photo.photo}
    face:   {node: align_landmarks, image: pixels.image, landmarks: photo.landmarks, size: 40}
    cache:  {node: write_cache, file: large.h5, image: face.image, photo: photo.photo, box: photo.box, landmarks: photo.landmarks}
)");
  std::vector<std::string> arguments = preprocess("photographs", "first");
  arguments[1] = "two.yaml";
  const Outcome first = run(photographs.scratch.folder, arguments);
  BOOST_TEST(first.code == 0);
  BOOST_TEST(has(first.out, "faces: 56 samples, 1 void, "));
  BOOST_TEST(has(first.out, "large: 56 samples, 1 void, "));
  std::filesystem::remove(photographs.scratch.folder / "large.h5");
  arguments.back() = "second";
  const Outcome second = run(photographs.scratch.folder, arguments);
  BOOST_TEST(second.code == 0);
  BOOST_TEST(second.out.starts_with("faces: up to date\nlarge: 56 samples, 1 void, "));
}

BOOST_AUTO_TEST_CASE(a_list_of_voids_that_cannot_be_written_is_told) {
  Photographs photographs;
  photographs.replace("00001.jpg", "");
  photographs.write();
  std::filesystem::create_directories(photographs.scratch.folder / "run/voids.csv");
  const Outcome outcome = run(photographs.scratch.folder, preprocess("photographs"));
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.err,
                 "The list of voids 'run/voids.csv' could not be written. Check the folder and the free space.\n"));
}

BOOST_AUTO_TEST_CASE(bad_photographs_become_voids_with_a_reason) {
  Photographs photographs;
  photographs.replace("00001.jpg", "");
  photographs.replace("00003.jpg", "This is a text.\n");
  photographs.replace("00005.jpg", text_of(photographs.folder / "images/00005.jpg").substr(0, 700));
  std::filesystem::remove(photographs.folder / "images/00007.jpg");
  photographs.replace("huge.png", absurd_png());
  photographs.cell(9, "image") = "images/huge.png";
  photographs.cell(11, "nose_x") = "nan";
  photographs.cell(12, "left_eye_y") = "inf";
  photographs.cell(13, "left_eye_x") = "1e30";
  photographs.cell(15, "image") = "images";
  photographs.write();
  const Outcome outcome = run(photographs.scratch.folder, preprocess("photographs"));
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(has(outcome.out, "faces: 56 samples, 9 void, "));
  BOOST_TEST(has(outcome.out, "Voids (all in run/voids.csv):\n"));

  const std::vector<std::string> expected = {
      R"(stream,node,sample,name,reason)",
      R"(faces,streams.faces.pixels,1,photographs/images/00001.jpg,The file is empty.)",
      R"(faces,streams.faces.pixels,3,photographs/images/00003.jpg,"The file is no JPEG, PNG, BMP, PNM, TIFF or WebP; )"
      R"(convert it, or download it again.")",
      R"(faces,streams.faces.pixels,5,photographs/images/00005.jpg,The JPEG is truncated or damaged )",
      R"(faces,streams.faces.pixels,7,photographs/images/00007.jpg,There is no such file.)",
      R"(faces,streams.faces.pixels,9,photographs/images/huge.png,"The header declares 2000000000x2000000000 pixels, )"
      R"(more than the limit of 100000000)",
      R"(faces,streams.faces.photo,11,photographs/images/00011.jpg,"photographs/faces.csv:13: nose_x is 'nan', which is )"
      R"(no finite number.")",
      R"(faces,streams.faces.photo,12,photographs/images/00012.jpg,"photographs/faces.csv:14: left_eye_y is 'inf', which )"
      R"(is no finite number.")",
      R"(faces,streams.faces.face,13,photographs/images/00013.jpg,A landmark is more than a million pixels away.)",
      R"(faces,streams.faces.pixels,15,photographs/images,This is a folder and no file.)"};
  const std::vector<std::string> voids = lines_of(text_of(photographs.scratch.folder / "run/voids.csv"));
  BOOST_REQUIRE_EQUAL(voids.size(), expected.size());
  for (std::size_t i = 0; i < voids.size(); ++i) BOOST_TEST(voids[i].starts_with(expected[i]), voids[i]);

  const fergraph::FaceCache cache(photographs.scratch.folder / "faces.h5");
  BOOST_TEST(cache.size() == 47);
  BOOST_TEST(cache.voids().size() == 9u);
  BOOST_TEST(cache.verify().empty());
}

BOOST_AUTO_TEST_CASE(tables_that_cannot_be_used_are_refused) {
  const auto refused = [](Photographs& photographs, const std::string& message) {
    photographs.write();
    const Outcome outcome = run(photographs.scratch.folder, preprocess("photographs"));
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(has(outcome.err, "error: streams.faces.photo (csv_photographs) cannot be prepared: " + message));
    BOOST_TEST(!std::filesystem::exists(photographs.scratch.folder / "faces.h5"));
    BOOST_TEST(!std::filesystem::exists(photographs.scratch.folder / "run"));
  };
  Photographs column;
  column.header(0) = "picture";
  refused(column, "photographs/faces.csv:1: there is no column 'image'. Columns: 'picture', 'expression', ");
  Photographs label;
  label.cell(1, "expression") = "joyful";
  refused(label, "photographs/faces.csv:3: the label 'joyful' is no class (1 sample).\nClasses: surprise, fear, ");
  Photographs outside;
  outside.cell(1, "image") = "images/../../secret.jpg";
  refused(outside, "photographs/faces.csv:3: the image 'images/../../secret.jpg' leads outside the root folder");
  Photographs absolute;
  absolute.cell(1, "image") = "/etc/passwd";
  refused(absolute, "photographs/faces.csv:3: the image '/etc/passwd' is an absolute path");
}

BOOST_AUTO_TEST_CASE(no_cache_comes_of_bad_photographs_alone) {
  Photographs photographs;
  std::filesystem::remove_all(photographs.folder / "images");
  const Outcome outcome = run(photographs.scratch.folder, preprocess("photographs"));
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(
      has(outcome.err,
          "error: streams.faces.cache: None of the 56 photographs gave a face, so no cache was written. The first "
          "was photographs/images/00000.jpg: There is no such file.\n"));
  BOOST_TEST(photographs.scratch.ending(".h5").empty());
  BOOST_TEST(lines_of(text_of(photographs.scratch.folder / "run/voids.csv")).size() == 57u);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_leaves_no_cache) {
  const Scratch scratch;
  const auto arguments = preprocess(small_faces() / "photographs");
  const Outcome outcome = run(scratch.folder, arguments, 20000);
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.err,
                 "The face cache 'faces.h5' was not written: its space cannot be set aside "
                 "('faces.h5.partial': File too large). The file may not grow so large: raise the limit "
                 "(ulimit -f) or write the cache elsewhere."));
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "faces.h5"));
  BOOST_TEST(scratch.ending(".partial").empty());
}

BOOST_AUTO_TEST_CASE(a_killed_run_leaves_nothing_that_looks_finished) {
  Photographs photographs;
  photographs.repeat(20);
  photographs.write();
  // Without a disturbance, beside it, under the same names.
  const Scratch undisturbed;
  BOOST_REQUIRE_EQUAL(run(undisturbed.folder, preprocess(photographs.folder)).code, 0);

  const std::filesystem::path cache = photographs.scratch.folder / "faces.h5";
  bool killed = false;
  for (int attempt = 0; attempt < 20 && !killed; ++attempt) {
    std::filesystem::remove(cache);
    Child child(photographs.scratch.folder, preprocess(photographs.folder, "run" + std::to_string(attempt)));
    child.until([&] { return std::filesystem::exists(cache.string() + ".partial"); });
    child.send(SIGKILL);
    const Outcome outcome = child.wait();
    killed = outcome.signal == SIGKILL && !std::filesystem::exists(cache);
  }
  BOOST_REQUIRE(killed);
  const Outcome next = run(photographs.scratch.folder, preprocess(photographs.folder, "next"));
  BOOST_TEST(next.code == 0);
  BOOST_TEST(!std::filesystem::exists(cache.string() + ".partial"));
  BOOST_TEST((text_of(cache) == text_of(undisturbed.folder / "faces.h5")));
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_leaves_no_cache) {
  Photographs photographs;
  photographs.repeat(100);
  photographs.write();
  Child child(photographs.scratch.folder, preprocess("photographs"));
  BOOST_REQUIRE(child.until([&] { return std::filesystem::exists(photographs.scratch.folder / "faces.h5.partial"); }));
  child.send(SIGINT);
  const Outcome outcome = child.wait();
  BOOST_TEST(outcome.code == 130);
  BOOST_TEST(has(outcome.err, "Interrupted; what was reached is in run\n"));
  BOOST_TEST(photographs.scratch.ending(".h5").empty());
  BOOST_TEST(photographs.scratch.ending(".partial").empty());
}

BOOST_AUTO_TEST_SUITE_END()
