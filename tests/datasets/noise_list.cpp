#include "datasets/noise_list.hpp"

#include "datasets/raf_db.hpp"
#include "tests/datasets/layout_tree.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

using Labels = std::vector<std::int64_t>;

struct ListTree : LayoutTree {
  ListedLabels applied(const std::string& text, const Texts& ids, const Labels& labels,
                       const std::vector<bool>& is_protected,
                       const Texts& class_names = {"neutral", "fear", "surprise"}) const {
    write("noise.txt", text);
    return apply_noise_list(read_noise_list(root / "noise.txt", 7), raf_db_classes(), labels, ids, is_protected,
                            class_names);
  }
  std::string refused(const std::string& text) const {
    try {
      applied(text, {"a.jpg"}, {0}, {false});
    } catch (const DatasetError& error) {
      return without_root(error.what());
    }
    return "no error";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(noise_list, ListTree)

BOOST_AUTO_TEST_CASE(labels_by_name_of_face_and_class) {
  const ListedLabels noisy = applied(
      "train_00001.jpg 1\ntrain_00002_aligned.jpg 2\r\ntrain_00003.jpg 7\ntrain_00004.jpg 5\ntrain_00009.jpg 1\n",
      {"train_00001.jpg", "Image/original/train_00002.jpg", "train_00003.jpg", "train_00004.jpg", "train_00005.jpg"},
      {0, 0, 0, 1, 2}, {false, false, false, false, false});
  // Of the list's numbers 1 is surprise, 2 fear, 7 neutral; 5, sadness, is no class here.
  BOOST_TEST(noisy.labels == (Labels{2, 1, 0, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(noisy.changed == (Labels{0, 1}), boost::test_tools::per_element());
  Texts warnings;
  for (const std::string& each : noisy.warnings) warnings.push_back(without_root(each));
  expect_texts(warnings, {"ROOT/noise.txt: rows of a class that the data set does not have, not followed: 1.",
                          "ROOT/noise.txt: samples that the list does not name, whose labels stay: 1.",
                          "ROOT/noise.txt: rows that name none of the samples: 1."});
}

BOOST_AUTO_TEST_CASE(the_test_split_is_never_corrupted) {
  const ListedLabels noisy = applied("test_0001.jpg 1\ntest_0002.jpg 7\ntrain_00001.jpg 2\ntest_0003.jpg 2\n",
                                     {"train_00001.jpg", "test_0001.jpg", "test_0002.jpg", "test_0003.jpg"},
                                     {0, 0, 0, 0}, {false, true, true, true});
  BOOST_TEST(noisy.labels == (Labels{1, 0, 0, 0}), boost::test_tools::per_element());
  BOOST_REQUIRE_EQUAL(noisy.warnings.size(), 1u);
  BOOST_TEST(without_root(noisy.warnings[0]) ==
             "ROOT/noise.txt: rows that give a sample of a test or validation split another label, not followed: 2 "
             "(first: ROOT/noise.txt:1).");
  for (const char* split : {"test", "Test", "val", "valid", "validation", "PublicTest", "PrivateTest"})
    BOOST_TEST(is_measured_split(split));
  for (const char* split : {"", "train", "Training", "testing ground"}) BOOST_TEST(!is_measured_split(split));
}

BOOST_AUTO_TEST_CASE(errors) {
  BOOST_TEST(refused("a.jpg 8\n") ==
             "ROOT/noise.txt:1: the line is 'a.jpg 8'; a name and a class from 1 to 7 are "
             "expected, such as 'train_00001.jpg 5'.");
  BOOST_TEST(refused("a.jpg 1\na.jpg 1\na.jpg 2\n") ==
             "ROOT/noise.txt:3: 'a.jpg' stands on line 1 already, with another label; keep the right one of the two.");
  BOOST_TEST(
      refused("b.jpg 1\n") ==
      "ROOT/noise.txt: the list names none of the samples (its first is 'b.jpg'); take the list of this data set.");
}

BOOST_AUTO_TEST_SUITE_END()
