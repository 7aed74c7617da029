#include "datasets/affectnet_csv.hpp"
#include "datasets/affectnet_numpy.hpp"
#include "tests/datasets/layout_tree.hpp"
#include "tests/datasets/npy_bytes.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

// Point i at (i, 2 i).
std::string points() {
  std::string text;
  for (int i = 0; i < 68; ++i) text += (i ? ";" : "") + std::to_string(i) + ";" + std::to_string(2 * i);
  return text;
}
const std::vector<float> five = {38.5, 77, 44.5, 89, 30, 60, 48, 96, 54, 108};
const std::string header =
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n";

std::string row(const std::string& image, int expression) {
  return image + ",1,2,30,40," + points() + "," + std::to_string(expression) + ",0.1,-2\n";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(affectnet, LayoutTree)

BOOST_AUTO_TEST_CASE(csv_release) {
  write("Manually_Annotated_file_lists/training.csv",
        header + row("103/a.JPG", 1) + row("103/b.png", 7) + row("689/c.bmp", 10) + row("1/d.tif", 6) +
            "1/e.jpg,NULL,0,0,0,NULL,0,-2,-2\n" + "1/f.jpg,1,2,3,4,1;2;3,0,0,0\n" + row("103/a.JPG", 1));
  write("Manually_Annotated_file_lists/validation.csv", row("7/v.jpg", 0) + row("7/w.jpg", 9));
  AffectNetCsv reader;
  reader.root = root;
  const SampleTable table = reader.read();
  expect_texts(rows_of(table),
               {"103/a.JPG train happiness", "103/b.png train contempt", "1/d.tif train anger", "1/e.jpg train neutral",
                "1/f.jpg train neutral", "103/a.JPG#2 train happiness", "7/v.jpg valid neutral"});
  BOOST_TEST(table.path(table.samples[0]) == root / "Manually_Annotated_Images/103/a.JPG");
  expect_numbers(table.samples[0].box, {1, 2, 30, 40});
  expect_numbers(table.samples[0].landmarks, five);
  expect_numbers(table.samples[6].landmarks, five);
  const std::string list = "ROOT/Manually_Annotated_file_lists";
  BOOST_TEST(without_root(table.samples[3].problem) ==
             list + "/training.csv:6: the face's box has no area or is no four finite numbers.");
  BOOST_TEST(without_root(table.samples[4].problem) ==
             list + "/training.csv:7: the facial_landmarks are no 136 finite numbers.");
  expect_texts(warnings(table),
               {list + ": samples of the class 'no-face', which is not asked for, left out: 1 (first: " + list +
                    "/training.csv:4).",
                list + ": samples that cannot be used: 2 (first: " + list + "/training.csv:6).",
                list + ": samples of the class 'uncertain', which is not asked for, left out: 1 (first: " + list +
                    "/validation.csv:2)."});
  BOOST_TEST(published(table, "train", "contempt") == 3750);
  BOOST_TEST(published(table, "valid", "fear") == 500);
  std::int64_t seven = 0;
  for (const std::string& name : seven_expressions()) seven += published(table, "train", name);
  BOOST_TEST(seven == 283901);
}

BOOST_AUTO_TEST_CASE(csv_errors) {
  AffectNetCsv reader;
  reader.root = root;
  BOOST_TEST(error(reader) ==
             "ROOT/Manually_Annotated_file_lists: there is neither a training.csv nor a "
             "validation.csv; name the folder that holds Manually_Annotated_file_lists, or the lists' "
             "own.");
  const std::string list = "ROOT/Manually_Annotated_file_lists/training.csv";
  write("Manually_Annotated_file_lists/training.csv", header + row("a.jpg", 11));
  BOOST_TEST(error(reader) ==
             list + ":2: the expression is '11'; a number from 0 (neutral) to 10 (no-face) is expected.");
  write("Manually_Annotated_file_lists/training.csv", header + row("/etc/a.jpg", 1));
  BOOST_TEST(error(reader) ==
             list + ":2: the image '/etc/a.jpg' is an absolute path; write it relative to the root folder.");
  write("Manually_Annotated_file_lists/training.csv", header + "a.jpg,1\n");
  BOOST_TEST(error(reader).starts_with(list + ":2: the record has 2 fields where 9 columns are named"));
}

BOOST_AUTO_TEST_CASE(numpy_release) {
  std::string coordinates;
  for (int i = 0; i < 68; ++i) coordinates += float64(i) + float64(2 * i);
  const std::string landmarks = npy("<f8", "(136,)", coordinates);
  const auto annotate = [&](const std::string& set, const std::string& stem, const std::string& expression) {
    touch({set + "/images/" + stem + ".jpg"});
    write(set + "/annotations/" + stem + "_exp.npy", expression);
    write(set + "/annotations/" + stem + "_lnd.npy", landmarks);
  };
  annotate("train_set", "0", npy("<i8", "()", little(1, 8)));
  annotate("train_set", "1", npy("<U1", "()", std::string("7\0\0\0", 4)));
  annotate("train_set", "10", npy(">i4", "()", std::string("\0\0\0\6", 4)));
  annotate("train_set", "2", npy("<f8", "(1,)", float64(3)));
  annotate("train_set", "3", npy("|S3", "()", "2.0"));
  annotate("train_set", "4", npy("<i8", "()", little(12, 8)));
  annotate("val_set", "0", npy("<U4", "()", std::string("S\0\0\0a\0\0\0d\0\0\0\0\0\0\0", 16)));
  annotate("val_set", "1", npy("|u1", "()", std::string("\0", 1)));
  write("val_set/annotations/1_lnd.npy", npy("<f8", "(2,)", float64(0) + float64(0)));
  touch({"val_set/images/2.jpg"});
  AffectNetNumpy reader;
  reader.root = root;
  const SampleTable table = reader.read();
  expect_texts(rows_of(table), {"train_set/images/0.jpg train happiness", "train_set/images/1.jpg train contempt",
                                "train_set/images/10.jpg train anger", "train_set/images/2.jpg train surprise",
                                "train_set/images/3.jpg train sadness", "train_set/images/4.jpg train ?",
                                "val_set/images/0.jpg valid sadness", "val_set/images/1.jpg valid neutral",
                                "val_set/images/2.jpg valid ?"});
  expect_numbers(table.samples[0].landmarks, five);
  BOOST_TEST(!table.samples[0].box.has_value());
  BOOST_TEST(
      without_root(table.samples[5].problem) ==
      "ROOT/train_set/annotations/4_exp.npy: the expression is '12'; a number from 0 (neutral) to 10 (no-face) is "
      "expected.");
  BOOST_TEST(without_root(table.samples[7].problem) ==
             "ROOT/val_set/annotations/1_lnd.npy: the landmarks are no 136 finite numbers.");
  BOOST_TEST(without_root(table.samples[8].problem) ==
             "ROOT/val_set/annotations/2_exp.npy: the file cannot be read (No such file or directory).");
  reader.landmarks = false;
  BOOST_TEST(!reader.read().samples[0].landmarks.has_value());
  reader.root = root / "train_set";
  BOOST_TEST(error(reader) ==
             "ROOT/train_set: there is neither a train_set/images nor a val_set/images; name the folder "
             "that holds train_set and val_set.");
}

BOOST_AUTO_TEST_SUITE_END()
