// The shipped file that detects with MTCNN, on photographs and weights of the folder `shared` beside the repository,
// where it is.
#include "cache/reader.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(mtcnn_pipeline)

BOOST_AUTO_TEST_CASE(makes_the_same_cache_on_one_and_four_threads) {
  const std::filesystem::path shared = source_folder / "../shared";
  const auto images = shared / "faces/images", weights = shared / "models/mtcnn";
  if (!std::filesystem::is_directory(images) || !std::filesystem::is_directory(weights)) {
    std::printf("There are no photographs and MTCNN weights beside the repository: every case skipped.\n");
    return;
  }
  const auto folder = std::filesystem::temp_directory_path() / ("fergraph_mtcnn_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(images)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  files.resize(std::min<std::size_t>(files.size(), 30));
  std::ofstream csv(folder / "faces.csv");
  csv << "image,label\n";
  for (const auto& file : files) csv << file.filename().string() << ",neutral\n";
  csv.close();

  const auto cache = folder / "faces.h5";
  std::vector<std::string> bytes;
  for (const int threads : {1, 4}) {
    std::filesystem::remove(cache);
    preprocess("csv-mtcnn.yaml",
               {"csv=" + (folder / "faces.csv").string(), "root=" + images.string(), "weights=" + weights.string(),
                "size=64", "cache=" + cache.string()},
               threads);
    bytes.push_back(text_of(cache));
  }
  BOOST_TEST((bytes[0] == bytes[1]));
  const FaceCache faces(cache);
  BOOST_TEST(faces.size() + static_cast<std::int64_t>(faces.voids().size()) == 30);
  BOOST_TEST(faces.size() >= 28);
  BOOST_TEST(faces.landmarks(0).has_value());
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
