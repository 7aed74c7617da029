// The shipped files for published layouts, each on a small tree of synthetic faces or pixels in that layout.
#include <array>
#include <cmath>

#include "cache/reader.hpp"
#include "datasets/csv_reader.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(layouts, *boost::unit_test::fixture<SmallFaces>())

namespace {

// A row of the synthetic photographs' CSV.
struct Drawn {
  std::filesystem::path image;
  std::array<float, 4> box{};
  std::array<float, 10> landmarks{};
};

std::vector<Drawn> drawn(std::size_t count) {
  const auto folder = SmallFaces::folder / "photographs";
  CsvDatasetOptions options;
  options.label = "expression";
  const SampleTable table = read_csv_dataset(folder / "faces.csv", options);
  std::vector<Drawn> rows;
  for (std::size_t i = 0; i < count; ++i)
    rows.push_back({table.path(table.samples[i]), table.samples[i].box.value(), table.samples[i].landmarks.value()});
  return rows;
}

// A folder for one layout.
struct Layout {
  explicit Layout(const std::string& name) : root(SmallFaces::folder / name) {}
  void write(const std::string& file, const std::string& bytes) const {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream(root / file, std::ios::binary) << bytes;
  }
  void copy(const std::filesystem::path& from, const std::string& to) const {
    std::filesystem::create_directories((root / to).parent_path());
    std::filesystem::copy_file(from, root / to, std::filesystem::copy_options::overwrite_existing);
  }
  FaceCache run(const std::string& file, std::vector<std::string> settings) const {
    const auto cache = root / "cache.h5";
    settings.push_back("cache=" + cache.string());
    preprocess(file, settings, 2);
    return FaceCache(cache);
  }
  std::filesystem::path root;
};

std::string points_of(const std::array<float, 10>& landmarks) {
  std::string text;
  for (std::size_t i = 0; i < 10; i += 2)
    text += std::to_string(landmarks[i]) + "\t" + std::to_string(landmarks[i + 1]) + "\n";
  return text;
}

// The five points in their places among 68, with `separator` between all numbers.
std::string points_of_68(const std::array<float, 10>& five, const std::string& separator) {
  std::string text;
  for (int i = 0; i < 68; ++i) {
    const std::size_t at = i >= 36 && i < 42 ? 0 : i >= 42 && i < 48 ? 2 : i == 48 ? 6 : i == 54 ? 8 : 4;
    text += (i ? separator : "") + std::to_string(five[at]) + separator + std::to_string(five[at + 1]);
  }
  return text;
}

std::string class_of(const FaceCache& cache, std::int64_t face) {
  return cache.provenance().class_names.at(static_cast<std::size_t>(cache.label(face)));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_file_checks) {
  for (const std::string name :
       {"raf-db", "raf-db-aligned", "ferplus-csv", "ferplus-folders", "affectnet-csv", "affectnet-numpy", "sfew",
        "sfew-aligned", "ck-plus", "ck-plus-landmarks", "expw", "cifar10", "cifar100"})
    BOOST_TEST_CONTEXT(name) {
      const auto file = pipelines / "faces" / (name + ".yaml");
      BOOST_CHECK_NO_THROW(check_pipeline(load_document({file, {}, {}}), registry()));
    }
}

BOOST_AUTO_TEST_CASE(raf_db) {
  const Layout layout("RAF-DB");
  const std::vector<Drawn> rows = drawn(3);
  const std::vector<std::string> names = {"train_00001", "train_00002", "test_0001"};
  for (std::size_t i = 0; i < 3; ++i) {
    layout.copy(rows[i].image, "basic/Image/original/" + names[i] + ".jpg");
    layout.copy(rows[i].image, "basic/Image/aligned/" + names[i] + "_aligned.jpg");
    layout.write("basic/Annotation/manual/" + names[i] + "_manu_attri.txt", points_of(rows[i].landmarks) + "0\n0\n2\n");
    const auto& [x, y, width, height] = rows[i].box;
    layout.write("basic/Annotation/boundingbox/" + names[i] + "_boundingbox.txt",
                 std::to_string(x) + " " + std::to_string(y) + " " + std::to_string(x + width) + " " +
                     std::to_string(y + height) + "\n");
  }
  layout.write("basic/EmoLabel/list_patition_label.txt", "train_00001.jpg 5\ntrain_00002.jpg 1\ntest_0001.jpg 7\n");
  const FaceCache faces = layout.run("raf-db.yaml", {"root=" + layout.root.string(), "size=48"});
  BOOST_REQUIRE_EQUAL(faces.size(), 3);
  BOOST_TEST(faces.voids().empty());
  BOOST_TEST(class_of(faces, 0) == "sadness");
  BOOST_TEST(faces.split(2) == "test");
  BOOST_TEST(faces.id(2) == "test_0001.jpg");
  BOOST_TEST((faces.landmarks(1).value() == rows[1].landmarks));
  BOOST_TEST(std::abs(faces.box(1).value()[2] - rows[1].box[2]) < 1e-3F);
  const FaceCache aligned = layout.run("raf-db-aligned.yaml", {"root=" + layout.root.string(), "size=48"});
  BOOST_TEST(aligned.size() == 3);
  BOOST_TEST(!aligned.landmarks(0).has_value());
}

BOOST_AUTO_TEST_CASE(affectnet) {
  const Layout layout("AffectNet");
  const std::vector<Drawn> rows = drawn(2);
  std::string list =
      "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n";
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string name = std::to_string(i) + "/a.jpg";
    layout.copy(rows[i].image, "Manually_Annotated_Images/" + name);
    list += name;
    for (const float side : rows[i].box) list += "," + std::to_string(side);
    list += "," + points_of_68(rows[i].landmarks, ";") + "," + std::to_string(i + 3) + ",0,0\n";
  }
  list += "2/gone.jpg,1,1,9,9," + points_of_68(rows[0].landmarks, ";") + ",1,0,0\n";
  layout.write("Manually_Annotated_file_lists/training.csv", list);
  const FaceCache faces = layout.run("affectnet-csv.yaml", {"root=" + layout.root.string(), "size=48"});
  BOOST_TEST(faces.size() == 2);
  BOOST_TEST(faces.voids().size() == 1u);
  BOOST_TEST(class_of(faces, 0) == "surprise");
  BOOST_TEST(class_of(faces, 1) == "fear");
  BOOST_TEST(std::abs(faces.landmarks(0).value()[0] - rows[0].landmarks[0]) < 1e-3F);
}

BOOST_AUTO_TEST_CASE(pixels_of_ferplus_are_kept_as_they_are) {
  const Layout layout("FERPlus");
  std::string pixels;
  for (int i = 0; i < 2304; ++i) pixels += (i ? " " : "") + std::to_string(i * 7 % 256);
  layout.write("fer2013.csv", "emotion,pixels,Usage\n0," + pixels + ",Training\n");
  layout.write("fer2013new.csv",
               "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
               "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0\n");
  const FaceCache faces =
      layout.run("ferplus-csv.yaml", {"pixels=" + (layout.root / "fer2013.csv").string(), "size=48"});
  BOOST_REQUIRE_EQUAL(faces.size(), 1);
  BOOST_TEST(class_of(faces, 0) == "neutral");
  BOOST_TEST(faces.id(0) == "fer0000000.png");
  const auto image = faces.stored(0);
  for (std::size_t i = 0; i < image.size(); ++i) BOOST_REQUIRE_EQUAL(int{image[i]}, static_cast<int>(i / 3 * 7 % 256));
}

BOOST_AUTO_TEST_CASE(pixels_of_cifar_are_kept_as_they_are) {
  const Layout layout("CIFAR-10");
  std::string record(1, '\x3');
  for (int i = 0; i < 3072; ++i) record += static_cast<char>(i * 5 % 251);
  layout.write("data_batch_1.bin", record);
  layout.write("test_batch.bin", record);
  const FaceCache faces = layout.run("cifar10.yaml", {"root=" + layout.root.string()});
  BOOST_REQUIRE_EQUAL(faces.size(), 2);
  BOOST_TEST(class_of(faces, 0) == "cat");
  BOOST_TEST(faces.split(1) == "test");
  const auto image = faces.stored(1);
  for (std::size_t p = 0; p < 1024; ++p)
    for (std::size_t c = 0; c < 3; ++c)
      BOOST_REQUIRE_EQUAL(int{image[3 * p + c]}, static_cast<int>((c * 1024 + p) * 5 % 251));
}

BOOST_AUTO_TEST_CASE(several_faces_of_one_photograph) {
  const Layout layout("ExpW");
  const std::vector<Drawn> rows = drawn(1);
  layout.copy(rows[0].image, "image/origin/a.jpg");
  layout.write("label/label.lst", "a.jpg 0 10 12 60 62 9.5 0\na.jpg 1 20 22 90 92 3.5 6\n");
  const FaceCache faces = layout.run("expw.yaml", {"labels=" + (layout.root / "label/label.lst").string(), "size=48"});
  BOOST_REQUIRE_EQUAL(faces.size(), 2);
  BOOST_TEST(faces.id(1) == "a.jpg#1");
  BOOST_TEST(class_of(faces, 1) == "neutral");
  BOOST_TEST((faces.box(0).value() == BoundingBox{12, 10, 48, 52}));
}

BOOST_AUTO_TEST_CASE(faces_in_folders_and_sequences) {
  const std::vector<Drawn> rows = drawn(2);
  const Layout sfew("SFEW");
  sfew.copy(rows[0].image, "Train/Happy/a.jpg");
  sfew.copy(rows[1].image, "Val/Sad/b.jpg");
  const FaceCache stills = sfew.run("sfew-aligned.yaml", {"root=" + sfew.root.string(), "size=48"});
  BOOST_REQUIRE_EQUAL(stills.size(), 2);
  BOOST_TEST(class_of(stills, 0) == "happiness");
  BOOST_TEST(stills.split(1) == "valid");

  const Layout ck("CK+");
  ck.copy(rows[0].image, "cohn-kanade-images/S005/001/S005_001_00000001.jpg");
  ck.copy(rows[1].image, "cohn-kanade-images/S005/001/S005_001_00000011.jpg");
  ck.write("Emotion/S005/001/S005_001_00000011_emotion.txt", "   3.0000000e+00\n");
  ck.write("Landmarks/S005/001/S005_001_00000001_landmarks.txt", points_of_68(rows[0].landmarks, " "));
  ck.write("Landmarks/S005/001/S005_001_00000011_landmarks.txt", points_of_68(rows[1].landmarks, " "));
  const FaceCache frames = ck.run("ck-plus-landmarks.yaml", {"root=" + ck.root.string(), "size=48"});
  BOOST_REQUIRE_EQUAL(frames.size(), 2);
  BOOST_TEST(class_of(frames, 0) == "neutral");
  BOOST_TEST(class_of(frames, 1) == "disgust");
}

BOOST_AUTO_TEST_SUITE_END()
