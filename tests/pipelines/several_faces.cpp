// Every face of a photograph: the shipped file on synthetic faces that stand beside each other.
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "cache/reader.hpp"
#include "cache/shards.hpp"
#include "nodes/batch/face_cache.hpp"
#include "nodes/face/align.hpp"
#include "nodes/face/faces.hpp"
#include "tests/pipelines/small_run.hpp"
#include "tests/tiny_yunet.hpp"

using namespace fergraph;
using namespace fergraph::test;
namespace fs = std::filesystem;

namespace {

HaarDetector strict_haar() { return HaarDetector({.min_neighbors = 5}); }

cv::Mat read(const fs::path& file) {
  cv::Mat rgb;
  cv::cvtColor(cv::imread(file.string()), rgb, cv::COLOR_BGR2RGB);
  return rgb;
}

void write(const fs::path& file, const cv::Mat& rgb) {
  fs::create_directories(file.parent_path());
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  BOOST_REQUIRE(cv::imwrite(file.string(), bgr));
}

// Synthetic photographs in which the cascade finds one face each.
std::vector<cv::Mat> portraits(std::size_t count) {
  const HaarDetector detector = strict_haar();
  std::vector<cv::Mat> found;
  for (int i = 0; found.size() < count; ++i) {
    const std::string name = std::to_string(i);
    const cv::Mat rgb =
        read(SmallFaces::folder / "photographs/images" / (std::string(5 - name.size(), '0') + name + ".jpg"));
    if (detector.detect(rgb).size() == 1) found.push_back(rgb);
  }
  return found;
}

// Beside each other, each smaller than the one before.
cv::Mat group_of(const std::vector<cv::Mat>& people) {
  cv::Mat group;
  for (std::size_t i = 0; i < people.size(); ++i) {
    cv::Mat person;
    const double scale = 2 - 0.3 * static_cast<double>(i);
    cv::resize(people[i], person, {}, scale, scale, cv::INTER_LINEAR);
    const int height = 2 * 220 + 16;
    // With a wall between them, in which the cascade sees nothing.
    cv::copyMakeBorder(person, person, 0, height - person.rows, 80, 80, cv::BORDER_CONSTANT, cv::Scalar::all(128));
    if (group.empty())
      group = person;
    else
      cv::hconcat(std::vector<cv::Mat>{group, person}, group);
  }
  return group;
}

// A folder with a portrait, a group of three, a wall and a group of two.
struct Groups {
  Groups() {
    const std::vector<cv::Mat> people = portraits(4);
    group = group_of({people[0], people[1], people[2]});
    write(root / "train/anger/alone.png", people[3]);
    write(root / "train/happiness/group.png", group);
    write(root / "train/happiness/wall.png", cv::Mat(200, 200, CV_8UC3, cv::Scalar::all(128)));
    write(root / "test/fear/pair.png", group_of({people[3], people[0]}));
  }
  ~Groups() { fs::remove_all(root); }
  void run(const fs::path& cache, int threads, std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"root=" + root.string(), "size=48", "cache=" + cache.string()});
    preprocess("folder-all-faces.yaml", more, threads);
  }
  fs::path root = SmallFaces::folder / "groups";
  cv::Mat group;
};

std::vector<std::string> ids_of(const FaceCache& cache) {
  std::vector<std::string> ids;
  for (std::int64_t i = 0; i < cache.size(); ++i) ids.emplace_back(cache.id(i));
  return ids;
}

float area(const BoundingBox& box) { return box[2] * box[3]; }

}  // namespace

BOOST_AUTO_TEST_SUITE(several_faces, *boost::unit_test::fixture<SmallFaces>())

BOOST_AUTO_TEST_CASE(each_face_of_a_group_with_its_label) {
  const Groups groups;
  const fs::path cache = SmallFaces::folder / "groups.h5";
  groups.run(cache, 2);
  const FaceCache faces(cache);
  const std::vector<std::string> expected = {"test/fear/pair.png#0",        "test/fear/pair.png#1",
                                             "train/anger/alone.png",       "train/happiness/group.png#0",
                                             "train/happiness/group.png#1", "train/happiness/group.png#2"};
  BOOST_TEST_REQUIRE(ids_of(faces) == expected, boost::test_tools::per_element());
  BOOST_TEST(faces.verify().empty());
  BOOST_REQUIRE_EQUAL(faces.voids().size(), 1u);
  BOOST_TEST(faces.voids()[0].id == "train/happiness/wall.png");
  BOOST_TEST(faces.voids()[0].reason == "No face was found.");
  for (std::int64_t i = 3; i < 6; ++i) {
    BOOST_TEST(faces.split(i) == "train");
    BOOST_TEST(faces.provenance().class_names[static_cast<std::size_t>(faces.label(i))] == "happiness");
    BOOST_TEST(faces.row(i) == faces.row(3));
  }
  BOOST_TEST(faces.row(3) != faces.row(2));

  // The largest first, and each cut out as by the one node.
  const Faces found = sorted_by_size([&] {
    std::vector<FoundFace> each;
    for (const FaceBox& box : strict_haar().detect(groups.group)) each.push_back({box, {}});
    return each;
  }());
  BOOST_REQUIRE_EQUAL(found.all().size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto i = static_cast<std::int64_t>(3 + k);
    const FaceBox& box = found.all()[k].box;
    BOOST_TEST((faces.box(i).value() == BoundingBox{box.x, box.y, box.width, box.height}));
    if (k > 0) BOOST_TEST(area(faces.box(i).value()) <= area(faces.box(i - 1).value()));
    BOOST_TEST(!faces.landmarks(i).has_value());
    const AlignedFace alone = align_box(groups.group, box, {.size = 48});
    BOOST_TEST(std::equal(alone.pixels.data, alone.pixels.data + 48 * 48 * 3, faces.read(i, {}).begin()));
  }
}

BOOST_AUTO_TEST_CASE(shards_and_threads_and_runs_that_go_on) {
  const Groups groups;
  const fs::path cache = SmallFaces::folder / "sharded";
  const std::vector<std::string> shards = {"streams.faces.cache.shard=1"};
  std::vector<std::string> first;
  for (const int threads : {1, 4}) {
    fs::remove_all(cache);
    groups.run(cache, threads, shards);
    std::vector<std::string> bytes;
    for (const fs::path& file : shards_in(cache)) bytes.push_back(text_of(file));
    BOOST_TEST(bytes.size() == 4u);
    if (first.empty()) first = bytes;
    BOOST_TEST((bytes == first));
  }
  BOOST_TEST(FaceCache(cache).size() == 6);
  // One shard is made again, the others are left alone.
  const std::vector<fs::path> files = shards_in(cache);
  const auto untouched = fs::last_write_time(files[1]);
  fs::remove(files[0]);
  groups.run(cache, 2, shards);
  BOOST_TEST((text_of(files[0]) == first[0]));
  BOOST_TEST((fs::last_write_time(files[1]) == untouched));
}

BOOST_AUTO_TEST_CASE(selections_count_faces_and_missing_faces_count_photographs) {
  const Groups groups;
  const fs::path cache = SmallFaces::folder / "groups.h5";
  groups.run(cache, 2);
  CacheSelection train;
  train.cache = cache;
  train.split = "train";
  BOOST_TEST(select_faces(FaceCache(cache), train).faces == (std::vector<std::int64_t>{2, 3, 4, 5}),
             boost::test_tools::per_element());
  BOOST_TEST(MissingFaces({train}).run().count.value == 1);
}

// With landmarks, by a network whose faces are coloured squares.
BOOST_AUTO_TEST_CASE(landmarks_of_every_face) {
  if (!reads_tiny_yunet) return;
  const Scratch scratch;
  scratch.write("yunet.onnx", tiny_yunet());
  cv::Mat squares(256, 384, CV_8UC3, cv::Scalar::all(0));
  squares(cv::Rect(224, 160, 32, 32)).setTo(cv::Scalar(0, 255, 0));
  squares(cv::Rect(64, 64, 64, 64)).setTo(cv::Scalar(255, 0, 0));
  write(scratch / "two.png", squares);
  scratch.write("faces.csv", "image,label\ntwo.png,anger\n");
  scratch.write("all.yaml", "use: " + (pipelines / "faces/csv-yunet.yaml").string() + R"(
streams:
  faces:
    face:  {node: align_all_landmarks, image: pixels.image, faces: found.faces, template: three-point, size: $size}
    cache: {image: face.images, box: ~, landmarks: ~}
)");
  const auto made = [&](const std::string& file, const std::string& cache) {
    const std::vector<std::string> settings = {"csv=" + (scratch / "faces.csv").string(),
                                               "model=" + (scratch / "yunet.onnx").string(), "size=48",
                                               "cache=" + (scratch / cache).string()};
    Run run(check_pipeline(load_document({file, {}, settings}), registry()), {});
    run.preprocess();
    return FaceCache(scratch / cache);
  };
  const FaceCache all = made((scratch / "all.yaml").string(), "all.h5");
  BOOST_REQUIRE_EQUAL(all.size(), 2);
  BOOST_TEST(all.id(1) == "two.png#1");
  BOOST_TEST(std::abs(all.box(1).value()[0] - 208) < 1e-3F);
  BOOST_TEST(std::abs(all.landmarks(1).value()[4] - 240) < 1e-3F);
  const FaceCache one = made((pipelines / "faces/csv-yunet.yaml").string(), "one.h5");
  BOOST_REQUIRE_EQUAL(one.size(), 1);
  BOOST_TEST(one.id(0) == "two.png");
  BOOST_TEST((one.landmarks(0) == all.landmarks(0)));
}

BOOST_AUTO_TEST_SUITE_END()
