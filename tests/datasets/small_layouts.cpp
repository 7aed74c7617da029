// SFEW, CK+, ExpW and CIFAR, each in its layout.
#include "datasets/cifar.hpp"
#include "datasets/ck_plus.hpp"
#include "datasets/expw.hpp"
#include "datasets/sfew.hpp"
#include "tests/datasets/layout_tree.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_FIXTURE_TEST_SUITE(sfew, LayoutTree)

BOOST_AUTO_TEST_CASE(folders) {
  touch({"Train/Angry/b.png", "Train/Angry/a.tif", "Train/happy/c.BMP", "Train/Surprise/d.jpg", "Train/Sad/notes.txt",
         "Val/SAD/e.png", "Test/f.png", "Train_faces/Fear/g.png", "Val/loose.png"});
  Sfew reader;
  reader.root = root;
  const SampleTable table = reader.read();
  expect_texts(rows_of(table), {"Test/f.png test ?", "Train/Angry/a.tif train anger", "Train/Angry/b.png train anger",
                                "Train/Surprise/d.jpg train surprise", "Train/happy/c.BMP train happiness",
                                "Val/SAD/e.png valid sadness"});
  expect_texts(warnings(table),
               {"ROOT: samples without a label, kept as unlabeled: 1 (first: ROOT/Test/f.png).",
                "ROOT: folders that are none of Train, Val and Test, passed over: 1 (first: ROOT/Train_faces).",
                "ROOT: images outside of the folders of classes, passed over: 1 (first: ROOT/Val/loose.png)."});
  BOOST_TEST(published(table, "train", "") == 958);
  reader.images = SfewImages::aligned;
  BOOST_TEST(published(reader.read(), "valid", "") == 431);
  touch({"Train/Angri/h.png"});
  BOOST_TEST(error(reader) ==
             "ROOT/Train/Angri: the folder is named for no class; did you mean 'Angry'? Angry, Disgust, "
             "Fear, Happy, Neutral, Sad and Surprise are known.");
  reader.root = root / "Val";
  BOOST_TEST(error(reader) == "ROOT/Val: there is no folder Train, Val or Test; name the folder that holds them.");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(ck_plus, LayoutTree)

BOOST_AUTO_TEST_CASE(sequences) {
  touch({"cohn-kanade-images/S005/001/S005_001_00000001.png", "cohn-kanade-images/S005/001/S005_001_00000002.png",
         "cohn-kanade-images/S005/001/S005_001_00000011.png", "cohn-kanade-images/S005/001/.DS_Store",
         "cohn-kanade-images/S010/002/S010_002_00000001.png", "cohn-kanade-images/S010/002/S010_002_00000014.png",
         "cohn-kanade-images/S010/003/S010_003_00000001.png"});
  write("Emotion/S005/001/S005_001_00000011_emotion.txt", "   3.0000000e+00\n");
  write("Emotion/S010/002/S010_002_00000014_emotion.txt", "   2.0000000e+00\n");
  std::filesystem::create_directories(root / "Emotion/S010/003");
  std::string points;
  for (int i = 0; i < 68; ++i) points += "   " + std::to_string(i) + ".0e+00   " + std::to_string(2 * i) + "\n";
  write("Landmarks/S005/001/S005_001_00000011_landmarks.txt", points);
  CkPlus reader;
  reader.root = root;
  const SampleTable table = reader.read();
  expect_texts(rows_of(table), {"S005/001/S005_001_00000001.png  neutral", "S005/001/S005_001_00000011.png  disgust",
                                "S010/002/S010_002_00000001.png  neutral", "S010/002/S010_002_00000014.png  contempt"});
  BOOST_TEST(!table.samples[0].landmarks.has_value());
  expect_numbers(table.samples[1].landmarks, {38.5, 77, 44.5, 89, 30, 60, 48, 96, 54, 108});
  expect_texts(warnings(table), {"ROOT: sequences without a label, left out: 1 (first: "
                                 "ROOT/cohn-kanade-images/S010/003)."});
  std::int64_t peaks = 0;
  for (const std::string& name : eight_expressions())
    if (name != "neutral") peaks += published(table, "", name);
  BOOST_TEST(peaks == 327);
  BOOST_TEST(published(table, "", "neutral") == 327);

  // As Ada-CM has it: contempt's first frames stay, as neutral.
  reader.classes.class_names = seven_expressions();
  reader.peak_frames = 5;
  expect_texts(rows_of(reader.read()),
               {"S005/001/S005_001_00000001.png  neutral", "S005/001/S005_001_00000002.png  disgust",
                "S005/001/S005_001_00000011.png  disgust", "S010/002/S010_002_00000001.png  neutral"});
  reader.neutral = false;
  BOOST_TEST(reader.read().samples.size() == 2);
}

BOOST_AUTO_TEST_CASE(errors) {
  CkPlus reader;
  reader.root = root;
  BOOST_TEST(error(reader) ==
             "ROOT/cohn-kanade-images: there is no such folder; name the folder that holds "
             "cohn-kanade-images and Emotion.");
  touch({"cohn-kanade-images/S005/001/a.png"});
  for (const std::string text : {"8\n", "1.5\n", "", "1 2\n", "happy\n"}) {
    write("Emotion/S005/001/a_emotion.txt", text);
    BOOST_TEST(error(reader) ==
               "ROOT/Emotion/S005/001/a_emotion.txt: the file must hold one number from 0 (neutral) to 7 (surprise).");
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(expw, LayoutTree)

BOOST_AUTO_TEST_CASE(faces_that_share_an_image) {
  write("label/label.lst",
        "angry_actor_104.jpg 0 28 113 226 141 22.9362 0\n"
        "angry_actor_104.jpg 1 10 20 30 50 9.5 3\r\n"
        "two words.jpg 0 1 2 3 4 1e1 6\n"
        "angry_actor_104.jpg 1 10 20 30 50 9.5 5\n"
        "flat.jpg 0 5 5 5 5 1 1\n");
  touch({"image/origin/angry_actor_104.jpg"});
  Expw reader;
  reader.labels = root / "label/label.lst";
  const SampleTable table = reader.read();
  expect_texts(rows_of(table),
               {"angry_actor_104.jpg#0  anger", "angry_actor_104.jpg#1  happiness", "two words.jpg#0  neutral",
                "angry_actor_104.jpg#1#2  surprise", "flat.jpg#0  disgust"});
  BOOST_TEST(table.samples[1].image == "angry_actor_104.jpg");
  expect_numbers(table.samples[0].box, {113, 28, 113, 113});
  BOOST_TEST(std::filesystem::exists(table.path(table.samples[0])));
  BOOST_TEST(without_root(table.samples[4].problem) == "ROOT/label/label.lst:5: the box has no area.");
  std::int64_t all = 0;
  for (const PublishedCount& each : table.published) all += each.count;
  BOOST_TEST(all == 91793);
}

BOOST_AUTO_TEST_CASE(errors) {
  Expw reader;
  reader.labels = root / "label.lst";
  for (const std::string line :
       {"a.jpg 0 28 113 226 141 22.9", "a.jpg 0 28 113 226 141 22.9 7", "a.jpg x 1 2 3 4 5 6"}) {
    write("label.lst", "ok.jpg 0 1 1 2 2 3 0\n" + line + "\n");
    BOOST_TEST(error(reader) ==
               "ROOT/label.lst:2: the line is '" + line +
                   "'; name, face, top, left, right, bottom, confidence and a class from 0 to 6 are expected, such as "
                   "'angry_actor_104.jpg 0 28 113 226 141 22.9362 0'.");
  }
}

BOOST_AUTO_TEST_CASE(a_zero_byte_in_a_name) {
  Expw reader;
  reader.labels = root / "label.lst";
  write("label.lst", std::string("a\0b.jpg 0 28 113 226 141 22.9 0\n", 33));
  BOOST_TEST(error(reader) ==
             "ROOT/label.lst:1: the image 'a...' has a zero byte in its name; the file is damaged, so copy it again.");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

// A label or two, then planes of one value each.
std::string record(const std::string& labels, char red, char green, char blue) {
  return labels + std::string(1024, red) + std::string(1024, green) + std::string(1024, blue);
}
const std::string zero(1, '\0');

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cifar, LayoutTree)

BOOST_AUTO_TEST_CASE(ten_classes) {
  write("cifar-10-batches-bin/data_batch_1.bin", record("\3", 1, 2, 3) + record(zero, 4, 5, 6));
  write("cifar-10-batches-bin/data_batch_2.bin", record("\t", 7, 8, 9));
  write("cifar-10-batches-bin/test_batch.bin", record("\1", 10, 11, 12));
  Cifar10 reader;
  reader.root = root;
  const SampleTable table = reader.read();
  expect_texts(rows_of(table), {"data_batch_1.bin#0 train cat", "data_batch_1.bin#1 train airplane",
                                "data_batch_2.bin#0 train truck", "test_batch.bin#0 test automobile"});
  BOOST_TEST(table.pixels.channels == 3);
  const auto picture = table.pixels.picture(table.samples[2].inline_picture);
  BOOST_TEST((picture[0] == 7 && picture[1] == 8 && picture[2] == 9 && picture[3071] == 9));
  expect_texts(warnings(table), {"ROOT/cifar-10-batches-bin: files that are missing: 3 (first: "
                                 "ROOT/cifar-10-batches-bin/data_batch_3.bin)."});
  BOOST_TEST(published(table, "train", "frog") == 5000);

  reader.classes.class_names = {"truck", "cat"};
  const SampleTable two = reader.read();
  expect_texts(rows_of(two), {"data_batch_1.bin#0 train cat", "data_batch_2.bin#0 train truck"});
  BOOST_TEST(two.pixels.bytes.size() == 2u * 3072u);
  BOOST_TEST(int{two.pixels.picture(two.samples[1].inline_picture)[0]} == 7);
}

BOOST_AUTO_TEST_CASE(hundred_classes) {
  std::string fine, coarse;
  for (int i = 0; i < 100; ++i) fine += "fine_" + std::to_string(i) + "\n";
  for (int i = 0; i < 20; ++i) coarse += "coarse_" + std::to_string(i) + "\n";
  write("fine_label_names.txt", fine);
  write("coarse_label_names.txt", coarse);
  write("train.bin", record("\4c", 1, 2, 3));
  write("test.bin", record("\5\6", 1, 2, 3));
  Cifar100 reader;
  reader.root = root;
  expect_texts(rows_of(reader.read()), {"train.bin#0 train fine_99", "test.bin#0 test fine_6"});
  reader.labels = Cifar100Labels::coarse;
  const SampleTable table = reader.read();
  expect_texts(rows_of(table), {"train.bin#0 train coarse_4", "test.bin#0 test coarse_5"});
  BOOST_TEST(published(table, "test", "coarse_0") == 500);
  write("coarse_label_names.txt", "a\nb\n");
  BOOST_TEST(error(reader) == "ROOT/coarse_label_names.txt: the file has 2 names of classes where 20 are expected.");
}

BOOST_AUTO_TEST_CASE(errors) {
  Cifar10 reader;
  reader.root = root;
  BOOST_TEST(error(reader) ==
             "ROOT: there is no data_batch_1.bin nor any other file of the binary version; name the "
             "folder that holds them.");
  write("test_batch.bin", record("\1", 1, 1, 1) + "x");
  BOOST_TEST(error(reader) ==
             "ROOT/test_batch.bin: the file has 3074 bytes, which is no multiple of 3073 (1 of labels "
             "and 3072 of pixels); it is cut short or no binary version.");
  write("test_batch.bin", record("\n", 1, 1, 1));
  BOOST_TEST(error(reader) == "ROOT/test_batch.bin: the label of record 0 is 10, and there are 10 classes.");
}

BOOST_AUTO_TEST_SUITE_END()
