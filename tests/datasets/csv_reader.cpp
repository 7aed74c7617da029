#include "datasets/csv_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "datasets/dataset_error.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;
namespace fs = std::filesystem;

namespace {

// Errors name files in the folder, so texts are compared without it.
struct Folder : test::Scratch {
  std::string error(const fs::path& file, const CsvDatasetOptions& options = {}) const {
    try {
      read_csv_dataset(file, options);
    } catch (const DatasetError& caught) {
      return without(caught.what());
    }
    return "no error";
  }
  std::vector<std::string> warnings(const SampleTable& table) const {
    std::vector<std::string> texts;
    for (const std::string& warning : table.warnings) texts.push_back(without(warning));
    return texts;
  }
};

const std::vector<std::string> classes = {"neutral", "happiness", "anger"};
using Texts = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(csv_reader, Folder)

BOOST_AUTO_TEST_CASE(labels_are_mapped_by_name) {
  const fs::path file = write("a.csv", "image,label\nx.jpg,HAPPINESS\ny.jpg, neutral \nz.jpg,happy\n");
  const SampleTable table = read_csv_dataset(file, {.class_names = classes, .aliases = {{"Happy", "happiness"}}});
  BOOST_REQUIRE(table.samples.size() == 3);
  BOOST_TEST(table.samples[0].label == 1);
  BOOST_TEST(table.samples[1].label == 0);
  BOOST_TEST(table.samples[2].label == 1);
  BOOST_TEST(table.samples[2].row == 2);
  BOOST_TEST(table.samples[2].id == "z.jpg");
  BOOST_TEST(table.samples[2].weight == 1.0f);
  BOOST_TEST((table.root == folder));
  BOOST_TEST(table.warnings.empty());
  BOOST_TEST((table.class_counts().at("") == std::vector<std::int64_t>{1, 2, 0}));
  BOOST_TEST(table.count_missing_images() == 3);
}

BOOST_AUTO_TEST_CASE(classes_are_found_where_none_are_given) {
  const fs::path file = write("a.csv", "image,label\nx.jpg,Sad\ny.jpg,angry\nz.jpg,sad\nw.jpg,mad\n");
  const SampleTable table = read_csv_dataset(file, {.aliases = {{"mad", "angry"}}});
  BOOST_TEST(table.class_names == (Texts{"angry", "sad"}), boost::test_tools::per_element());
  BOOST_TEST(table.samples[0].label == 1);
  BOOST_TEST(table.samples[1].label == 0);
  BOOST_TEST(table.samples[3].label == 0);
}

BOOST_AUTO_TEST_CASE(unknown_labels_are_listed_together) {
  const fs::path file = write("a.csv", "image,label\na.jpg,hapiness\nb.jpg,neutral\nc.jpg,Hapiness\nd.jpg,contempt\n");
  BOOST_TEST(error(file, {.class_names = classes}) ==
             "a.csv:2: the label 'hapiness' is no class (2 samples); did you mean 'happiness'?\na.csv:5: the label "
             "'contempt' is no class (1 sample).\nClasses: neutral, happiness, anger. Give the label an alias, or the "
             "alias ~ to leave its samples out.");
  const SampleTable table = read_csv_dataset(
      file, {.class_names = classes, .aliases = {{"contempt", std::nullopt}, {"hapiness", "happiness"}}});
  BOOST_TEST(table.samples.size() == 3u);
  BOOST_TEST(warnings(table) ==
                 (Texts{"a.csv: rows of the label 'contempt', left out as its alias ~ asks: 1 (first: a.csv:5)."}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(classes_and_aliases_are_checked) {
  const fs::path file = write("a.csv", "image,label\na.jpg,neutral\n");
  BOOST_TEST(error(file, {.class_names = {"sad", "Sad"}}) ==
             "a.csv: the class 'Sad' is named twice (upper and lower case are the same); name each class once.");
  BOOST_TEST(error(file, {.class_names = classes, .aliases = {{"happy", "hapiness"}}}) ==
             "a.csv: the alias 'happy' leads to 'hapiness', which is no class; did you mean 'happiness'? Classes: "
             "neutral, happiness, anger.");
}

BOOST_AUTO_TEST_CASE(columns_must_exist) {
  const fs::path file = write("a.csv", "user.id,image,emotion\n1,a.jpg,neutral\n");
  BOOST_TEST(error(file) == "a.csv:1: there is no column 'label'. Columns: 'user.id', 'image', 'emotion'.");
  BOOST_TEST(error(file, {.label = "emotions"}) ==
             "a.csv:1: there is no column 'emotions'; did you mean 'emotion'? Columns: 'user.id', 'image', 'emotion'.");
  BOOST_TEST(error(file, {.label = "emotion", .split = "fold"}) ==
             "a.csv:1: there is no column 'fold'. Columns: 'user.id', 'image', 'emotion'.");
  BOOST_TEST(error(write("b.csv", "image,label,box_x\na.jpg,neutral,1\n")) ==
             "b.csv:1: there is no column 'box_y'; did you mean 'box_x'? Columns: 'image', 'label', 'box_x'.");
  const SampleTable unlabeled = read_csv_dataset(file, {.class_names = classes, .label = ""});
  BOOST_TEST(unlabeled.samples[0].label == -1);
}

BOOST_AUTO_TEST_CASE(box_landmarks_and_weight) {
  const fs::path file = write(
      "a.csv",
      "image,label,box_x,box_y,box_width,box_height,left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,mouth_"
      "left_x,mouth_left_y,mouth_right_x,mouth_right_y,weight\na.jpg,anger,1,2.5,30,4e1,1,2,3,4,5,6,7,8,9,10,0.5\nb."
      "jpg,anger,,,,,,,,,,,,,,,2\nc.jpg,anger,1,nan,3,4,1,2,3,4,5,6,7,8,9,10,1\nd.jpg,anger,1,2,0,4,1,2,3,4,5,6,7,8,9,"
      "10,1\ne.jpg,anger,1,2,3,4,1,2,3,,5,6,7,8,9,10,1\nf.jpg,anger,1,2,3,4,1,2,3,1e60,5,6,7,8,9,10,1\n");
  const SampleTable table = read_csv_dataset(file);
  BOOST_REQUIRE(table.samples.size() == 6);
  BOOST_TEST((table.samples[0].box == std::array<float, 4>{1, 2.5, 30, 40}));
  BOOST_TEST((table.samples[0].landmarks == std::array<float, 10>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  BOOST_TEST(table.samples[0].weight == 0.5f);
  BOOST_TEST((!table.samples[1].box && !table.samples[1].landmarks && table.samples[1].problem.empty()));
  BOOST_TEST(without(table.samples[2].problem) == "a.csv:4: box_y is 'nan', which is no finite number.");
  BOOST_TEST(without(table.samples[3].problem) == "a.csv:5: the box has no area (box_width 0, box_height 4).");
  BOOST_TEST(without(table.samples[4].problem) == "a.csv:6: right_eye_y is '', which is no finite number.");
  BOOST_TEST(without(table.samples[5].problem) == "a.csv:7: right_eye_y is '1e60', which is no finite number.");
  BOOST_TEST(
      warnings(table) ==
          (Texts{"a.csv: rows that cannot be used: 4 (first: a.csv:4: box_y is 'nan', which is no finite number; also "
                 "a.csv:5, a.csv:6, a.csv:7)."}),
      boost::test_tools::per_element());
  BOOST_TEST(error(write("b.csv", "image,label,weight\na.jpg,anger,-1\n")) ==
             "b.csv:2: weight is '-1'; write a finite number that is not negative.");
}

BOOST_AUTO_TEST_CASE(images_stay_below_the_root) {
  const auto error_with = [&](const std::string& image) {
    return error(write("a.csv", "image,label\nok.jpg,anger\n" + image + ",anger\n"));
  };
  BOOST_TEST(error_with("../../x.jpg") ==
             "a.csv:3: the image '../../x.jpg' leads outside the root folder; write it relative to the root folder, "
             "without '..'.");
  BOOST_TEST(error_with("a/../../x.jpg").find("leads outside") != std::string::npos);
  BOOST_TEST(error_with("/etc/passwd") ==
             "a.csv:3: the image '/etc/passwd' is an absolute path; write it relative to the root folder.");
  BOOST_TEST(error_with("") == "a.csv:3: the image is empty; name a file, or remove the row.");
  BOOST_TEST(error_with("a/../x.jpg") == "no error");
}

BOOST_AUTO_TEST_CASE(repeats_and_contradictions) {
  const fs::path file = write("a.csv",
                              "image,label,split\na.jpg,anger,train\nb.jpg,anger,train\na.jpg,ANGER,train\na.jpg,"
                              "neutral,train\na.jpg,anger,test\n");
  const SampleTable table = read_csv_dataset(file);
  BOOST_REQUIRE(table.samples.size() == 4);
  BOOST_TEST(table.samples[2].id == "a.jpg#2");
  BOOST_TEST(table.samples[2].row == 3);
  BOOST_TEST(table.samples[3].id == "a.jpg#3");
  BOOST_TEST(warnings(table) == (Texts{"a.csv: rows that repeat an earlier row, left out: 1 (first: a.csv:4).",
                                       "a.csv: rows that name the same face as an earlier row with another label or "
                                       "split, kept: 2 (first: a.csv:5)."}),
             boost::test_tools::per_element());
  BOOST_TEST(error(write("b.csv", "image,label,key\na.jpg,anger,1\nb.jpg,anger,1\n"), {.id = "key"}) ==
             "b.csv:3: the id '1' was given at b.csv:2 already; ids must be unique. Name another column, or none to "
             "use the image.");
}

// Nobody knows whether two rows whose numbers cannot be read are the same.
BOOST_AUTO_TEST_CASE(unusable_rows_of_one_image_are_no_repeats) {
  std::string text = "image,label,box_x,box_y,box_width,box_height\na.jpg,anger,1,2,3,4\n";
  for (const char* number : {"inf", "1e308", "abc", "", "inf"})
    text += std::string("a.jpg,anger,") + number + ",2,3,4\n";
  const SampleTable table = read_csv_dataset(write("a.csv", text + "a.jpg,neutral,abc,2,3,4\na.jpg,anger,1,2,3,4\n"));
  BOOST_REQUIRE(table.samples.size() == 7);
  BOOST_TEST(table.samples[0].problem.empty());
  const Texts numbers = {"inf", "1e308", "abc", "", "inf", "abc"};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    BOOST_TEST(table.samples[i + 1].id == "a.jpg#" + std::to_string(i + 2));
    BOOST_TEST(without(table.samples[i + 1].problem) ==
               "a.csv:" + std::to_string(i + 3) + ": box_x is '" + numbers[i] + "', which is no finite number.");
  }
  BOOST_TEST(
      warnings(table) ==
          (Texts{"a.csv: rows that repeat an earlier row, left out: 1 (first: a.csv:9).",
                 "a.csv: rows that cannot be used: 6 (first: a.csv:3: box_x is 'inf', which is no finite number; "
                 "also a.csv:4, a.csv:5, a.csv:6, a.csv:7, a.csv:8)."}),
      boost::test_tools::per_element());

  std::string many = "image,label,box_x,box_y,box_width,box_height\n";
  for (int i = 0; i < 23; ++i) many += std::to_string(i) + ".jpg,anger,x,2,3,4\n";
  BOOST_TEST(warnings(read_csv_dataset(write("b.csv", many))).front().ends_with(", b.csv:20, b.csv:21 and 3 more)."));
}

BOOST_AUTO_TEST_CASE(landmarks_may_be_required) {
  const CsvDatasetOptions options{.landmarks_required = true};
  const std::string all =
      "'left_eye_x', 'left_eye_y', 'right_eye_x', 'right_eye_y', 'nose_x', 'nose_y', 'mouth_left_x', 'mouth_left_y', "
      "'mouth_right_x', 'mouth_right_y'";
  const std::string remedy =
      ", in pixels of the photograph, or use a pipeline that finds the faces itself, such as pipelines/faces/csv.yaml.";
  BOOST_TEST(
      error(write("a.csv", "image,label\na.jpg,anger\n"), options) ==
      "a.csv:1: the five landmarks of every face are asked for, and these columns are missing: " + all +
          ". Add them, in pixels of the photograph, or name a column with all points in 'landmark_list', or use a "
          "pipeline that finds the faces itself, such as pipelines/faces/csv.yaml.");
  BOOST_TEST(error(write("a.csv", "image,label,nose_x,nose_y\na.jpg,anger,1,2\n"), options)
                 .find("missing: 'left_eye_x', 'left_eye_y', 'right_eye_x', 'right_eye_y', 'mouth_left_x'") !=
             std::string::npos);
  const std::string head =
      "image,label,left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,mouth_left_x,mouth_left_y,"
      "mouth_right_x,mouth_right_y\n";
  const std::string empty = head + "a.jpg,anger,,,,,,,,,,\n";
  BOOST_TEST(error(write("a.csv", empty), options) ==
             "a.csv: the five landmarks of every face are asked for, and no row has them. Fill in the columns from "
             "'left_eye_x' to 'mouth_right_y'" +
                 remedy);
  BOOST_TEST(error(write("a.csv", head + "a.jpg,anger,1,2,3,4,5,6,7,8,9,x\n"), options)
                 .starts_with("a.csv: the five landmarks of every face are asked for, and no row has them (a.csv:2: "
                              "mouth_right_y is 'x', which is no finite number). Fill in "));
  BOOST_TEST(error(write("a.csv", empty + "b.jpg,anger,1,2,3,4,5,6,7,8,9,10\n"), options) == "no error");
}

BOOST_AUTO_TEST_CASE(landmarks_in_one_column) {
  const std::string five = "1;2;3;4;5;6;7;8;9;10";
  std::string all;
  for (int i = 0; i < 68; ++i) all += std::to_string(i) + " " + std::to_string(2 * i) + (i < 67 ? ", " : "");
  const fs::path file = write("a.csv", "image,label,points\na.jpg,anger," + five + "\nb.jpg,anger,\"[" + all +
                                           "]\"\nc.jpg,anger,\nd.jpg,anger,1;2;3\ne.jpg,anger,1;2;nan;4\n");
  const SampleTable table = read_csv_dataset(file, {.landmark_list = "points", .landmarks_required = true});
  BOOST_REQUIRE(table.samples.size() == 5);
  BOOST_TEST((table.samples[0].landmarks == std::array<float, 10>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  BOOST_TEST((table.samples[1].landmarks == std::array<float, 10>{38.5, 77, 44.5, 89, 30, 60, 48, 96, 54, 108}));
  BOOST_TEST((!table.samples[2].landmarks && table.samples[2].problem.empty()));
  BOOST_TEST(without(table.samples[3].problem) ==
             "a.csv:5: points has 3 numbers, not 10 (five points) or 136 (68 points).");
  BOOST_TEST(without(table.samples[4].problem) == "a.csv:6: points has 'nan', which is no finite number.");
  BOOST_TEST(error(file, {.landmark_list = "point"}) ==
             "a.csv:1: there is no column 'point'; did you mean 'points'? Columns: 'image', 'label', 'points'.");
  BOOST_TEST(error(write("b.csv", "image,label,points\na.jpg,anger,\n"),
                   {.landmark_list = "points", .landmarks_required = true}) ==
             "b.csv: the five landmarks of every face are asked for, and no row has them. Fill in the column 'points', "
             "in pixels of the photograph, or use a pipeline that finds the faces itself, such as "
             "pipelines/faces/csv.yaml.");
}

BOOST_AUTO_TEST_CASE(landmarks_of_68_points_in_columns) {
  std::string head = "image,label", row = "a.jpg,anger";
  for (const std::string axis : {"x_", "y_"})
    for (int i = 0; i < 68; ++i) {
      head += "," + axis + std::to_string(i);
      row += "," + std::to_string(axis == "x_" ? i : 2 * i);
    }
  const SampleTable table = read_csv_dataset(write("a.csv", head + "\n" + row + "\n"), {.landmarks_required = true});
  BOOST_TEST((table.samples[0].landmarks == std::array<float, 10>{38.5, 77, 44.5, 89, 30, 60, 48, 96, 54, 108}));
  // A few of these columns are something else.
  BOOST_TEST(!read_csv_dataset(write("b.csv", "image,label,x_0\na.jpg,anger,1\n")).samples[0].landmarks.has_value());
}

BOOST_AUTO_TEST_CASE(splits_that_differ_in_case) {
  const SampleTable table =
      read_csv_dataset(write("a.csv", "image,label,split\na.jpg,anger,Train\nb.jpg,anger,train\nc.jpg,anger,test\n"));
  BOOST_TEST(
      table.warnings == (Texts{"The splits 'Train' and 'train' differ in upper and lower case alone and count as "
                               "two; write them alike if they are one."}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(two_files_are_joined) {
  const fs::path legend =
      write("legend.csv", "user.id,image,emotion\n1,a.jpg,anger\n2,b.jpg,NEUTRAL\n3,c.jpg,anger\n4,d.jpg,anger\n");
  const fs::path split = write("split.csv", "image,split\nb.jpg,test\na.jpg,train\nb.jpg,test\nd.jpg,\nz.jpg,train\n");
  CsvDatasetOptions options{.class_names = classes, .label = "emotion", .join = CsvJoin{.file = split}};
  const SampleTable table = read_csv_dataset(legend, options);
  BOOST_REQUIRE(table.samples.size() == 2);
  BOOST_TEST(table.samples[0].split == "train");
  BOOST_TEST(table.samples[1].split == "test");
  BOOST_TEST(warnings(table) ==
                 (Texts{"split.csv: rows that repeat an earlier row exactly, taken once: 1 (first: split.csv:4).",
                        "legend.csv: rows without a partner in split.csv by the column 'image', left out: 1 (first: "
                        "legend.csv:4).",
                        "split.csv: rows without a partner in legend.csv by the column 'image', not used: 1 (first: "
                        "split.csv:6).",
                        "legend.csv: rows without a split, left out: 1 (first: split.csv:5)."}),
             boost::test_tools::per_element());

  options.join->missing_is_error = true;
  BOOST_TEST(error(legend, options) ==
             "legend.csv:4: split.csv has no row with image 'c.jpg'; add one, or allow rows without a partner to be "
             "left out.");
  options.join = CsvJoin{.file = write("split2.csv", "image,split\na.jpg,train\na.jpg,test\n")};
  BOOST_TEST(
      error(legend, options) ==
      "split2.csv:3: the key 'a.jpg' stands on line 2 already, with other values; keep the right one of the two.");
  options.join = CsvJoin{.file = write("split3.csv", "image,emotion\na.jpg,anger\n")};
  BOOST_TEST(error(legend, options) ==
             "legend.csv: the column 'emotion' stands in this file and in split3.csv; rename one of them, or name "
             "another column.");
  options.join = CsvJoin{.file = split};
  options.label = "emotions";
  BOOST_TEST(error(legend, options) ==
             "legend.csv:1: there is no column 'emotions' here or in split.csv; did you mean 'emotion'? Columns: "
             "'user.id', 'image', 'emotion', 'image', 'split'.");
}

BOOST_AUTO_TEST_CASE(nothing_left_is_an_error) {
  BOOST_TEST(error(write("a.csv", "image,label\n")) ==
             "a.csv: no sample is left; the file has no data rows, or all were left out.");
  BOOST_TEST(error(write("a.csv", "image,label\nx.jpg,contempt\n"), {.aliases = {{"contempt", std::nullopt}}}) ==
             "a.csv: no sample is left; the file has no data rows, or all were left out. a.csv: rows of the label "
             "'contempt', left out as its alias ~ asks: 1 (first: a.csv:2).");
}

BOOST_AUTO_TEST_CASE(rows_without_a_label_are_unlabeled) {
  const SampleTable table = read_csv_dataset(write("a.csv", "image,label\nx.jpg,\ny.jpg,anger\n"));
  BOOST_TEST(table.samples[0].label == -1);
  BOOST_TEST(warnings(table) == (Texts{"a.csv: rows without a label, kept as unlabeled: 1 (first: a.csv:2)."}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
