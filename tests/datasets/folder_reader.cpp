#include "datasets/folder_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "datasets/dataset_error.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;
namespace fs = std::filesystem;

namespace {

struct Tree : test::Scratch {
  const fs::path& root = folder;
  void touch(const std::string& file) const { write(file, "x"); }
  std::vector<std::string> images(const SampleTable& table) const {
    std::vector<std::string> names;
    for (const Sample& sample : table.samples) names.push_back(sample.image);
    return names;
  }
  std::string error(const FolderOptions& options = {}) const {
    try {
      read_folder_dataset(root, options);
    } catch (const DatasetError& caught) {
      return std::string(caught.what()).substr(root.string().size());
    }
    return "no error";
  }
};

using Texts = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(folder_reader, Tree)

BOOST_AUTO_TEST_CASE(classes) {
  for (const char* file : {"sad/b.JPG", "sad/B.png", "sad/a.jpg", "Anger/10.jpg", "Anger/9.jpg", "sad/.hidden.jpg",
                           "sad/notes.txt", "readme.md"}) {
    touch(file);
  }
  const SampleTable table = read_folder_dataset(root);
  BOOST_TEST(images(table) == (Texts{"Anger/10.jpg", "Anger/9.jpg", "sad/B.png", "sad/a.jpg", "sad/b.JPG"}),
             boost::test_tools::per_element());
  BOOST_TEST(table.class_names == (Texts{"anger", "sad"}), boost::test_tools::per_element());
  BOOST_TEST(table.samples[4].label == 1);
  BOOST_TEST(table.samples[4].row == 4);
  BOOST_TEST(table.samples[4].split == "");
  BOOST_TEST(table.warnings == (Texts{root.string() + ": 2 files are no image of a class and were passed over (first: "
                                                      "readme.md)."}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(splits_above_classes) {
  for (const char* file : {"train/sad/1.jpg", "train/happy/1.jpg", "test/sad/1.jpg", "test/contempt/1.jpg"})
    touch(file);
  const SampleTable table = read_folder_dataset(
      root, {.class_names = {"sad", "happiness"}, .aliases = {{"happy", "happiness"}, {"contempt", std::nullopt}}});
  BOOST_TEST(images(table) == (Texts{"test/sad/1.jpg", "train/happy/1.jpg", "train/sad/1.jpg"}),
             boost::test_tools::per_element());
  BOOST_TEST(table.samples[1].label == 1);
  BOOST_TEST(
      (table.class_counts() == std::map<std::string, std::vector<std::int64_t>>{{"test", {1, 0}}, {"train", {1, 1}}}));
  BOOST_TEST(
      table.warnings == (Texts{(root / "test/contempt").string() + ": 1 image was left out, as the alias ~ asks."}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(errors) {
  BOOST_TEST(error() == ": no image of any class was found; expected class-name/image or split/class-name/image.");
  touch("sad/1.jpg");
  BOOST_TEST(error({.class_names = {"sadness", "anger"}}) ==
             "/sad: the label 'sad' is no class (1 sample).\n"
             "Classes: sadness, anger. Give the label an alias, or the alias ~ to leave its samples out.");
  touch("train/sad/1.jpg");
  BOOST_TEST(error() ==
             ": 'sad' holds images, as a class does, and 'train' holds folders, as a split does; state the layout "
             "(classes or splits), or give all folders the same depth.");
  BOOST_TEST(error({.layout = FolderLayout::classes}) ==
             "/train/sad: images stand a folder deeper than the layout has them; the layout is class/image, move them "
             "up or state another layout.");
  fs::remove_all(root);
  BOOST_TEST(error() == ": there is no such folder; check the path, which is taken relative to the current folder.");
}

BOOST_AUTO_TEST_SUITE_END()
