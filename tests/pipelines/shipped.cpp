// Every pipeline file of this repository checks and runs, and gives the same bits for any number of threads.
#include "cache/reader.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(shipped, *boost::unit_test::fixture<SmallFaces>())

namespace {

void runs_the_same_on_one_and_four_threads(const std::filesystem::path& file) {
  BOOST_TEST_CONTEXT(file.filename().string()) {
    const Result one = train(file, 1);
    const Result four = train(file, 4);
    BOOST_TEST(one.count >= 6);
    BOOST_TEST(!one.states.empty());
    BOOST_TEST(one.records == four.records);
    BOOST_TEST((one.states == four.states));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_method_runs_the_same_on_one_and_four_threads) {
  std::vector<std::filesystem::path> files = files_in("methods");
  files.push_back(pipelines / "demo.yaml");
  for (const std::filesystem::path& file : files) runs_the_same_on_one_and_four_threads(file);
}

BOOST_AUTO_TEST_CASE(every_ablation_runs_the_same_on_one_and_four_threads) {
  for (const std::filesystem::path& file : files_in("ablations")) runs_the_same_on_one_and_four_threads(file);
}

BOOST_AUTO_TEST_CASE(the_example_of_a_new_method_runs_the_same_on_one_and_four_threads) {
  runs_the_same_on_one_and_four_threads(source_folder / "examples/new_method.yaml");
}

BOOST_AUTO_TEST_CASE(every_method_checks_with_the_data_of_ones_own) {
  for (const char* folder : {"methods", "ablations"})
    for (const std::filesystem::path& file : files_in(folder)) BOOST_TEST_CONTEXT(file.filename().string())
  BOOST_CHECK_NO_THROW(check_pipeline(load_document({file, {pipelines / "data/csv.yaml"}, {}}), registry()));
}

BOOST_AUTO_TEST_CASE(every_file_of_faces_checks) {
  for (const std::filesystem::path& file : files_in("faces")) BOOST_TEST_CONTEXT(file.filename().string())
  BOOST_CHECK_NO_THROW(check_pipeline(load_document({file, {}, {}}), registry()));
}

BOOST_AUTO_TEST_CASE(offline_pseudo_labels_are_given_once_and_trained_on_from_then_on) {
  const Result result = train(pipelines / "methods/pseudo-label.offline.yaml", 2, {"epochs=2"});
  const auto recorded = [&](const std::string& start) {
    const std::size_t at = ("\n" + result.records).find("\n" + start + " ");
    return at == std::string::npos ? std::string() : result.records.substr(at, result.records.find('\n', at) - at);
  };
  const std::string unknown = "-0x1p+0,";
  BOOST_TEST(!recorded("step 2 loss.supervised").empty());
  BOOST_TEST(recorded("step 2 loss.unsupervised").empty());
  BOOST_TEST(recorded("epoch_end 2 labels.current").find(unknown) != std::string::npos);
  BOOST_TEST(recorded("step 3 loss.supervised").empty());
  BOOST_TEST(!recorded("step 3 loss.unsupervised").empty());
  BOOST_TEST(!recorded("epoch_end 4 labels.current").empty());
  BOOST_TEST(recorded("epoch_end 4 labels.current").find(unknown) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(methods_for_noisy_labels_train_on_every_sample) {
  const std::vector<std::string> settings = {"cache=" + (SmallFaces::folder / "faces.h5").string(), "labels=14"};
  const auto labeled = [&](const std::string& file) {
    const Run run(check_pipeline(load_document({pipelines / "methods" / file, {}, settings}), registry()), {});
    return run.stream_size(run.pipeline().find_stream("labeled"));
  };
  BOOST_TEST(labeled("baseline.yaml") == 14);
  for (const char* file :
       {"asm.yaml", "resup.yaml", "resup.released.yaml", "co-teaching.yaml", "jocor.yaml", "eac.yaml"})
    BOOST_TEST(labeled(file) == 42, file);
}

BOOST_AUTO_TEST_CASE(faces_from_landmarks_of_a_csv) {
  const auto photographs = SmallFaces::folder / "photographs";
  const auto cache = SmallFaces::folder / "landmarks.h5";
  preprocess("csv-landmarks.yaml",
             {"csv=" + (photographs / "faces.csv").string(), "label=expression", "size=48", "cache=" + cache.string()},
             2);
  const FaceCache faces(cache);
  BOOST_TEST(faces.size() == 56);
  BOOST_TEST(faces.shape().width == 48);
  BOOST_TEST(faces.landmarks(0).has_value());
}

BOOST_AUTO_TEST_CASE(a_csv_without_landmarks_is_refused_before_anything_is_decoded) {
  const auto csv = SmallFaces::folder / "plain.csv";
  std::ofstream(csv) << "image,label\nnone.jpg,anger\n";
  const auto cache = SmallFaces::folder / "plain.h5";
  BOOST_CHECK_EXCEPTION(
      preprocess("csv-landmarks.yaml", {"csv=" + csv.string(), "cache=" + cache.string()}, 2), std::exception,
      [&](const std::exception& error) {
        const std::string text = error.what();
        BOOST_TEST(text.find(csv.string() + ":1: the five landmarks of every face are asked for, and these columns are "
                                            "missing: 'left_eye_x', ") != std::string::npos,
                   text);
        BOOST_TEST(text.find("such as pipelines/faces/csv.yaml.") != std::string::npos, text);
        return true;
      });
  BOOST_TEST(!std::filesystem::exists(cache));
}

BOOST_AUTO_TEST_CASE(faces_found_in_the_photographs_of_a_csv_and_of_folders) {
  const auto photographs = SmallFaces::folder / "photographs";
  const auto csv = SmallFaces::folder / "found.h5";
  preprocess("csv.yaml",
             {"csv=" + (photographs / "faces.csv").string(), "label=expression", "size=48", "cache=" + csv.string()},
             2);
  const FaceCache by_csv(csv);
  BOOST_TEST(by_csv.size() + static_cast<std::int64_t>(by_csv.voids().size()) == 56);
  BOOST_TEST(by_csv.size() > 28);  // Haar finds most drawn faces

  // split/class/*.jpg, by the CSV.
  std::ifstream rows(photographs / "faces.csv");
  std::string line;
  std::getline(rows, line);
  while (std::getline(rows, line)) {
    std::istringstream row(line);
    std::string image, expression, split;
    std::getline(row, image, ',');
    std::getline(row, expression, ',');
    std::getline(row, split, ',');
    const auto folder = SmallFaces::folder / "folders" / split / expression;
    std::filesystem::create_directories(folder);
    std::filesystem::copy_file(photographs / image, folder / std::filesystem::path(image).filename());
  }
  const auto cache = SmallFaces::folder / "folders.h5";
  preprocess("folder.yaml", {"root=" + (SmallFaces::folder / "folders").string(), "size=48", "cache=" + cache.string()},
             2);
  const FaceCache by_folder(cache);
  BOOST_TEST(by_folder.size() == by_csv.size());
}

BOOST_AUTO_TEST_CASE(the_cache_has_the_same_bytes_for_any_number_of_threads) {
  const auto photographs = (SmallFaces::folder / "photographs").string();
  // The file's name is part of the pipeline that the cache carries, so each is made under the same name.
  const auto cache = SmallFaces::folder / "threads.h5";
  std::vector<std::string> bytes;
  for (const int threads : {1, 2, 4, 4}) {
    std::filesystem::remove(cache);
    preprocess("demo.yaml", {"photographs=" + photographs, "cache=" + cache.string()}, threads);
    bytes.push_back(text_of(cache));
  }
  BOOST_TEST(!bytes.front().empty());
  for (const std::string& each : bytes) BOOST_TEST((each == bytes.front()));
}

BOOST_AUTO_TEST_CASE(training_depends_on_the_seed_and_not_on_threads) {
  const auto file = pipelines / "methods/ada-cm.yaml";
  const std::vector<std::string> longer = {"epochs=2", "steps=6"};
  const Result one = train(file, 1, longer);
  for (const int threads : {2, 4}) {
    const Result more = train(file, threads, longer);
    BOOST_TEST(one.records == more.records);
    BOOST_TEST((one.states == more.states));
  }
  const Result other = train(file, 2, longer, 2);
  BOOST_TEST(one.records != other.records);
  BOOST_TEST((one.states != other.states));
}

BOOST_AUTO_TEST_SUITE_END()
