#include "datasets/ferplus_csv.hpp"
#include "datasets/ferplus_folders.hpp"
#include "tests/datasets/layout_tree.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

const std::string header =
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n";

struct Face {
  const char *name, *votes;  // neutral ... NF
};
// By rule: what each face of the training part becomes.
const std::vector<Face> faces = {
    {"fer0.png", "4,0,0,1,3,2,0,0,0,0"},   // a clear winner, no majority
    {"fer1.png", "0,5,0,0,5,0,0,0,0,0"},   // a tie
    {"fer2.png", "0,0,6,0,0,0,1,1,1,1"},   // single votes count as none for the majority
    {"fer3.png", "1,0,0,0,0,0,0,0,8,1"},   // unknown
    {"fer4.png", "0,0,0,0,0,0,0,10,0,0"},  // contempt
    {"", "0,0,0,0,0,0,0,0,0,10"},          // no name
    {"fer5.png", "5,0,0,0,0,0,0,0,5,0"},   // a tie with unknown
};

std::string pixels_of(int value) {
  std::string text;
  for (int i = 0; i < 2304; ++i) text += (i ? " " : "") + std::to_string((value + i) % 256);
  return text;
}

struct FerTree : LayoutTree {
  FerTree() {
    std::string pixels = "emotion,pixels,Usage\n", votes = header, label;
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const std::string usage = i == 4 ? "PrivateTest" : i == 2 ? "PublicTest" : "Training";
      pixels += "0," + pixels_of(static_cast<int>(i)) + "," + usage + "\r\n";
      votes += usage + "," + faces[i].name + "," + faces[i].votes + "\r\n";
      label += std::string(faces[i].name) + ",\"(0, 0, 48, 48)\"," + faces[i].votes + "\n";
    }
    write("fer2013.csv", pixels);
    write("fer2013new.csv", votes);
    write("FER2013Train/label.csv", label);
    write("FER2013Test/label.csv",
          "fer9.png,\"(2, 3, 40, 48)\",0,9,1,0,0,0,0,0,0,0\nfer8.png,\"(0, 0)\",9,0,0,0,0,0,0,0,0,0\n");
  }
  FerPlusCsv csv(FerPlusRule rule = FerPlusRule::unique) const {
    FerPlusCsv made;
    made.pixels = root / "fer2013.csv";
    made.rule = rule;
    return made;
  }
  FerPlusFolders folders(FerPlusRule rule = FerPlusRule::unique) const {
    FerPlusFolders made;
    made.root = root;
    made.rule = rule;
    return made;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ferplus, FerTree)

BOOST_AUTO_TEST_CASE(rules_of_labels) {
  expect_texts(rows_of(csv(FerPlusRule::unique).read()),
               {"fer0.png train neutral", "fer2.png valid surprise", "fer4.png test contempt"});
  expect_texts(rows_of(csv(FerPlusRule::majority).read()), {"fer2.png valid surprise", "fer4.png test contempt"});
  const Texts most = {"fer0.png train neutral", "fer1.png train happiness", "fer2.png valid surprise",
                      "fer4.png test contempt", "fer5.png train neutral"};
  expect_texts(rows_of(csv(FerPlusRule::most).read()), most);
  expect_texts(rows_of(csv(FerPlusRule::distribution).read()), most);
}

BOOST_AUTO_TEST_CASE(votes_as_soft_labels) {
  const SampleTable table = csv(FerPlusRule::distribution).read();
  BOOST_REQUIRE_EQUAL(table.soft_labels.size(), 5u * 8u);
  // surprise, fear, disgust, happiness, sadness, anger, neutral, contempt
  BOOST_TEST(std::vector<float>(table.soft_label(0).begin(), table.soft_label(0).end()) ==
                 (std::vector<float>{0, 0, 0.2f, 0, 0.1f, 0.3f, 0.4f, 0}),
             boost::test_tools::per_element());
  BOOST_TEST(table.soft_label(2)[0] == 0.75f);  // of 6 + 1 + 1: unknown and NF are no classes
  BOOST_TEST(csv(FerPlusRule::most).read().soft_labels.empty());
}

BOOST_AUTO_TEST_CASE(pixels_come_inline) {
  const SampleTable table = csv().read();
  BOOST_TEST(table.pixels.height == 48);
  BOOST_TEST(table.pixels.channels == 1);
  BOOST_TEST(table.pixels.bytes.size() == 3u * 2304u);
  const std::vector<int> first = {0, 2, 4};
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(table.samples[i].inline_picture == static_cast<std::int64_t>(i));
    const auto picture = table.pixels.picture(table.samples[i].inline_picture);
    BOOST_TEST(int{picture[0]} == first[i]);
    BOOST_TEST(int{picture[2303]} == (first[i] + 2303) % 256);
  }
  BOOST_TEST(table.samples[1].row == 2);
  BOOST_TEST(table.count_missing_images() == 0);
  expect_texts(warnings(table),
               {"ROOT/fer2013new.csv: faces to whose votes the rule gives no class, left out: 3 (first: "
                "ROOT/fer2013new.csv:3).",
                "ROOT/fer2013new.csv: rows without an image name, left out: 1 (first: ROOT/fer2013new.csv:7)."});
}

BOOST_AUTO_TEST_CASE(published_counts_by_rule) {
  BOOST_TEST(published(csv().read(), "train", "") == 26940);
  BOOST_TEST(published(csv(FerPlusRule::majority).read(), "valid", "") == 3199);
  BOOST_TEST(published(csv(FerPlusRule::most).read(), "test", "") == 3546);
  FerPlusCsv seven = csv();
  seven.classes.class_names = {"anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"};
  const SampleTable table = seven.read();
  BOOST_TEST(published(table, "train", "") == 26778);
  BOOST_TEST(published(table, "test", "") == -1);
  expect_texts(rows_of(table), {"fer0.png train neutral", "fer2.png valid surprise"});
  BOOST_TEST(table.samples[1].inline_picture == 1);
}

BOOST_AUTO_TEST_CASE(folders_with_label_files_without_a_header) {
  const SampleTable table = folders().read();
  expect_texts(rows_of(table), {"fer0.png train neutral", "fer2.png train surprise", "fer4.png train contempt",
                                "fer9.png test happiness", "fer8.png test neutral"});
  BOOST_TEST(table.samples[0].image == "FER2013Train/fer0.png");
  expect_numbers(table.samples[0].box, {0, 0, 48, 48});
  expect_numbers(table.samples[3].box, {2, 3, 38, 45});
  BOOST_TEST(
      without_root(table.samples[4].problem) ==
      "ROOT/FER2013Test/label.csv:2: the box is '(0, 0)', and (left, top, right, bottom) with an area is expected.");
  expect_texts(
      warnings(table),
      {"ROOT: faces to whose votes the rule gives no class, left out: 3 (first: ROOT/FER2013Train/label.csv:2).",
       "ROOT: rows without an image name, left out: 1 (first: ROOT/FER2013Train/label.csv:6).",
       "ROOT: label files that are missing: 1 (first: ROOT/FER2013Valid/label.csv).",
       "ROOT: samples that cannot be used: 1 (first: ROOT/FER2013Test/label.csv:2)."});
}

BOOST_AUTO_TEST_CASE(errors) {
  write("fer2013new.csv", header + "Training,fer0.png,4,0,0,1,3,2,0,0,0,0\n");
  BOOST_TEST(error(csv()) ==
             "ROOT/fer2013new.csv: the file has 1 rows and ROOT/fer2013.csv has more; they belong "
             "together row by row, so take both from one release.");
  write("fer2013new.csv", header + "PublicTest,fer0.png,4,0,0,1,3,2,0,0,0,0\n");
  BOOST_TEST(error(csv()) ==
             "ROOT/fer2013new.csv:2: the usage is 'PublicTest' here and 'Training' at "
             "ROOT/fer2013.csv:2; the files belong together row by row, so take both from one release.");
  write("fer2013new.csv", header + "Training,fer0.png,4,0,x,1,3,2,0,0,0,0\n");
  BOOST_TEST(error(csv()) == "ROOT/fer2013new.csv:2: a vote is no number from 0 on; copy the file again.");
  write("fer2013new.csv", header + "Training,fer0.png,4,0,0,1,3,2,0,0,0,0\n");
  write("fer2013.csv", "emotion,pixels,Usage\n0,1 2 3,Training\n");
  BOOST_TEST(error(csv()) ==
             "ROOT/fer2013.csv:2: the picture has 3 pixels where 2304 are expected; copy the file again.");
  write("fer2013.csv", "emotion,pixels,Usage\n0,1 256 3,Training\n");
  BOOST_TEST(error(csv()) == "ROOT/fer2013.csv:2: a pixel is no number from 0 to 255; copy the file again.");
  write("fer2013.csv", "emotion,pixel,Usage\n0,1,Training\n");
  BOOST_TEST(error(csv()) ==
             "ROOT/fer2013.csv:1: there is no column 'pixels'; did you mean 'pixel'? Columns: "
             "'emotion', 'pixel', 'Usage'.");
}

BOOST_AUTO_TEST_SUITE_END()
