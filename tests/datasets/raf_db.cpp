#include "datasets/raf_db.hpp"

#include "tests/datasets/layout_tree.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

struct RafTree : LayoutTree {
  RafTree() {
    write("basic/EmoLabel/list_patition_label.txt",
          "train_00001.jpg 5\ntrain_00002.jpg 1\r\ntrain_00003.jpg 2\n\ntest_0001.jpg 7\ntest_0002.jpg 4\n");
    annotate("train_00001", "10 20 110 140");
    annotate("train_00002", "10.5\t20.5\t30.5\t60.5\n");
    annotate("train_00003", "5 5 5 9");
    annotate("test_0001", "a b c d");
    // Not of test_0002.
  }
  void annotate(const std::string& name, const std::string& box) const {
    write("basic/Annotation/boundingbox/" + name + "_boundingbox.txt", box);
    write("basic/Annotation/manual/" + name + "_manu_attri.txt", "30.5\t40\n70\t41\n50\t60\n35\t80\n66\t81\n0\n0\n2\n");
    std::string points;
    for (int i = 0; i < 37; ++i) {
      // Eyes around (30, 40) and (70, 40), the tip at (50, 60), the lips from right to left.
      const int x = i < 13 ? 50 : i < 19 ? 30 + (i - 13) * 2 - 5 : i < 25 ? 70 + (i - 19) * 2 - 5 : 66 - (i - 25) * 3;
      const int y = i == 7 ? 60 : i < 25 ? 40 : 80;
      points += std::to_string(x) + " " + std::to_string(y) + "\n";
    }
    write("basic/Annotation/auto/" + name + "_auto_attri.txt", points);
  }
  RafDb reader() const {
    RafDb made;
    made.root = root;
    return made;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(raf_db, RafTree)

BOOST_AUTO_TEST_CASE(photographs_with_boxes_and_points) {
  const SampleTable table = reader().read();
  expect_texts(rows_of(table),
               {"train_00001.jpg train sadness", "train_00002.jpg train surprise", "train_00003.jpg train fear",
                "test_0001.jpg test neutral", "test_0002.jpg test happiness"});
  BOOST_TEST(table.samples[0].image == "Image/original/train_00001.jpg");
  BOOST_TEST(table.path(table.samples[0]) == root / "basic/Image/original/train_00001.jpg");
  expect_numbers(table.samples[0].box, {10, 20, 100, 120});
  expect_numbers(table.samples[1].box, {10.5, 20.5, 20, 40});
  expect_numbers(table.samples[0].landmarks, {30.5, 40, 70, 41, 50, 60, 35, 80, 66, 81});
  BOOST_TEST(table.samples[2].problem == "train_00003_boundingbox.txt: the box has no area.");
  BOOST_TEST(without_root(table.samples[3].problem) ==
             "ROOT/basic/Annotation/boundingbox/test_0001_boundingbox.txt:1: 'a' is no finite number.");
  BOOST_TEST(table.samples[4].problem == "");
  BOOST_TEST(!table.samples[4].box.has_value());
  BOOST_TEST(!table.samples[4].landmarks.has_value());
  const std::string list = "ROOT/basic/EmoLabel/list_patition_label.txt";
  expect_texts(warnings(table), {list + ": samples that cannot be used: 2 (first: " + list + ":3).",
                                 list + ": annotation files that are missing: 2 (first: "
                                        "ROOT/basic/Annotation/boundingbox/test_0002_boundingbox.txt)."});
}

BOOST_AUTO_TEST_CASE(counts_beside_the_published_ones) {
  const SampleTable table = reader().read();
  BOOST_TEST(published(table, "train", "happiness") == 4772);
  BOOST_TEST(published(table, "test", "fear") == 74);
  BOOST_REQUIRE(table.warnings.size() == 4);
  BOOST_TEST(without_root(table.warnings[3]) ==
             "ROOT/basic: the counts of the split 'train' differ from the published ones: surprise 1 (published 1290), "
             "fear 1 (published 281), disgust 0 (published 717), happiness 0 (published 4772), sadness 1 (published "
             "1982), anger 0 (published 705), neutral 0 (published 2524).");
}

BOOST_AUTO_TEST_CASE(five_of_thirty_seven_points) {
  RafDb automatic = reader();
  automatic.landmarks = RafDbLandmarks::automatic;
  expect_numbers(automatic.read().samples[0].landmarks, {30, 40, 70, 40, 50, 60, 33, 80, 66, 80});
}

BOOST_AUTO_TEST_CASE(aligned_faces_have_neither_box_nor_points) {
  RafDb aligned = reader();
  aligned.images = RafDbImages::aligned;
  aligned.root = root / "basic";
  const SampleTable table = aligned.read();
  BOOST_TEST(table.samples[0].image == "Image/aligned/train_00001_aligned.jpg");
  BOOST_TEST(table.samples[0].id == "train_00001.jpg");
  BOOST_TEST(!table.samples[0].box.has_value());
  BOOST_TEST(!table.samples[0].landmarks.has_value());
  expect_texts(warnings(table), {});
}

BOOST_AUTO_TEST_CASE(a_mirror_without_annotations) {
  std::filesystem::remove_all(root / "basic/Annotation");
  const SampleTable table = reader().read();
  BOOST_TEST(table.samples.size() == 5);
  BOOST_TEST(warnings(table).size() == 2);
  BOOST_TEST(
      warnings(table)[0] ==
      "ROOT/basic/EmoLabel/list_patition_label.txt: the folder ROOT/basic/Annotation/boundingbox is not there, so "
      "nothing of it is known: 1 (first: ROOT/basic/Annotation/boundingbox).");
}

BOOST_AUTO_TEST_CASE(classes_by_name_in_any_order) {
  RafDb some = reader();
  some.classes = {{"Happy", "sadness"}, {{"happiness", "happy"}}};
  const SampleTable table = some.read();
  expect_texts(rows_of(table), {"train_00001.jpg train sadness", "test_0002.jpg test Happy"});
  BOOST_TEST(table.samples[1].label == 0);
  BOOST_TEST(table.samples[1].row == 4);
  BOOST_TEST(published(table, "train", "Happy") == 4772);
  some.classes = {{"happy", "sadness"}, {}};
  BOOST_TEST(error(some) ==
             "ROOT/basic/EmoLabel/list_patition_label.txt: the class 'happy' is no class of this data set. Classes: "
             "surprise, fear, disgust, happiness, sadness, anger, neutral.");
  some.classes = {{}, {{"hapiness", std::nullopt}}};
  BOOST_TEST(error(some).find("the alias 'hapiness' is no class of this data set; did you mean 'happiness'?") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(errors) {
  const std::string list = "ROOT/basic/EmoLabel/list_patition_label.txt";
  const auto says = [&](const std::string& text, const std::string& message) {
    write("basic/EmoLabel/list_patition_label.txt", text);
    BOOST_TEST(error(reader()) == message);
  };
  says("train_00001.jpg 8\n", list +
                                  ":1: the line is 'train_00001.jpg 8'; a name and a class from 1 to 7 are "
                                  "expected, such as 'train_00001.jpg 5'.");
  says("train_00001.jpg 1\nvalid_1.jpg 3\n",
       list + ":2: the name 'valid_1.jpg' begins with neither 'train' nor 'test', which tell the split.");
  says("../x.jpg 3\n", list +
                           ":1: the image '../x.jpg' leads outside the root folder; write it relative to the root "
                           "folder, without '..'.");
  says("", list + ": no sample is left; the layout is another one, or no class that is asked for stands in it.");
  std::filesystem::remove_all(root / "basic/EmoLabel");
  BOOST_TEST(error(reader()) ==
             "ROOT: there is no EmoLabel/list_patition_label.txt here or in a folder 'basic' below; "
             "name the folder that holds EmoLabel and Image.");
}

BOOST_AUTO_TEST_SUITE_END()
