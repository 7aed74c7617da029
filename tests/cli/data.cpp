// `fergraph data`, and what a run records of its choices.
#include <nlohmann/json.hpp>

#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(data, *boost::unit_test::fixture<SmallCache>())

namespace {

// RAF-DB's layout with two equal files in one split, one file in two splits, and one that is missing.
struct RafScratch : Scratch {
  RafScratch() {
    write("RAF/EmoLabel/list_patition_label.txt",
          "train_00001.jpg 5\ntrain_00002.jpg 5\ntrain_00003.jpg 2\ntrain_00004.jpg 1\ntest_0001.jpg 2\ntest_0002.jpg "
          "7\n");
    image("train_00001", "one");
    image("train_00002", "one");
    image("train_00003", "two");
    image("test_0001", "two");
    image("test_0002", "three");
    write("RAF/Annotation/boundingbox/train_00001_boundingbox.txt", "1 2 30 40\n");
    write("RAF/Annotation/boundingbox/test_0001_boundingbox.txt", "1 2 3 x\n");
    write("RAF/Annotation/manual/train_00001_manu_attri.txt", "1 2\n3 4\n5 6\n7 8\n9 10\n0\n0\n2\n");
  }
  void image(const std::string& name, const std::string& bytes) const {
    write("RAF/Image/original/" + name + ".jpg", bytes);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(counts_annotations_and_equal_files) {
  const RafScratch scratch;
  const Outcome outcome = run(scratch.folder, {"data", pipelines + "/faces/raf-db.yaml", "--set", "root=RAF", "-q"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out == R"(faces (raf_db_photographs): 6 samples of 6 pictures
                       test       train
  surprise         0 of 329   1 of 1290
  fear              1 of 74    1 of 281
  disgust          0 of 160    0 of 717
  happiness       0 of 1185   0 of 4772
  sadness          0 of 478   2 of 1982
  anger            0 of 162    0 of 705
  neutral          1 of 680   0 of 2524
  samples         2 of 3068  4 of 12271
  with a box              0           1
  with landmarks          0           1
  not usable              1           0
  missing files           0           1
2 pictures have the bytes of another:
  Image/original/test_0001.jpg = Image/original/train_00003.jpg
  Image/original/train_00001.jpg = Image/original/train_00002.jpg
1 picture stands in several splits:
  Image/original/test_0001.jpg = Image/original/train_00003.jpg (test, train)
)");
  BOOST_TEST(
      has(outcome.err, "the counts of the split 'test' differ from the published ones: surprise 0 (published 329)"));
}

BOOST_AUTO_TEST_CASE(json_for_machines) {
  const RafScratch scratch;
  const Outcome outcome =
      run(scratch.folder, {"data", pipelines + "/faces/raf-db.yaml", "--set", "root=RAF", "--json"});
  BOOST_TEST(outcome.code == 0);
  const nlohmann::json all = nlohmann::json::parse(outcome.out, nullptr, false);
  BOOST_REQUIRE((all.is_array() && all.size() == 1));
  const nlohmann::json& report = all[0];
  BOOST_TEST(report["source"] == "raf_db_photographs");
  BOOST_TEST(report["splits"][1]["split"] == "train");
  BOOST_TEST(report["splits"][1]["classes"][4]["found"] == 2);
  BOOST_TEST(report["splits"][1]["classes"][4]["published"] == 1982);
  BOOST_TEST(report["splits"][1]["missing_files"] == 1);
  BOOST_TEST(report["duplicates"].size() == 2u);
  BOOST_TEST(report["in_several_splits"][0]["splits"].dump() == R"(["test","train"])");
  BOOST_TEST(report["warnings"].size() > 2u);
}

BOOST_AUTO_TEST_CASE(a_data_file_of_cached_faces) {
  const Scratch scratch;
  const std::string cache = (small_faces() / "faces.h5").string();
  const Outcome outcome =
      run(scratch.folder,
          {"data", pipelines + "/data/csv.yaml", "--set", "cache=" + cache, "--set", "labels=14", "--set",
           "part=labeled", "--set", "noise={kind: asymmetric, rate: 0.5}", "--set", "validation=0.34", "-q"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(has(outcome.out, "(face_cache): 56 samples of 56 pictures\n"));
  BOOST_TEST(has(outcome.out, "No picture stands in several splits.\n"));
  BOOST_TEST(outcome.out.ends_with(R"(                  labeled  unlabeled  test
  surprise              2          2     2
  fear                  2          2     2
  disgust               2          2     2
  happiness             2          2     2
  sadness               2          2     2
  anger                 2          2     2
  neutral               2          2     2
  faces                14         14    14
  changed labels        2          0     0
)"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_looked_at_is_refused) {
  const Scratch scratch;
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& message) {
    const Outcome outcome = run(scratch.folder, arguments);
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(outcome.out == "");
    BOOST_TEST(has(outcome.err, message));
  };
  refused({"data", "none.yaml"}, "none.yaml: error: The file does not exist or cannot be read.");
  scratch.write("empty.yaml", "params: {lr: 1}\n");
  refused({"data", "empty.yaml"},
          "empty.yaml: error: The file names no data: neither a stream that begins with photographs or faces, nor a "
          "parameter such as {cache: faces.h5, split: train}.\n");
  refused({"data", pipelines + "/faces/raf-db.yaml", "--set", "root=nowhere"},
          "error: streams.faces.photo (raf_db_photographs) cannot be prepared: nowhere: there is no "
          "EmoLabel/list_patition_label.txt here or in a folder 'basic' below; name the folder that holds EmoLabel and "
          "Image.\n");
  refused({"data", pipelines + "/data/csv.yaml", "--set", "cache=nowhere.h5"},
          "error: 'labeled' cannot be looked at: ");
  refused({"data", pipelines + "/data/csv.yaml", "--set", "noise={kind: symetric, rate: 0.1}"},
          "Did you mean 'symmetric'?");
  refused({"data", pipelines + "/faces/raf-db.yaml", "--set", "landmarks=manul"}, "Did you mean 'manual'?");
}

BOOST_AUTO_TEST_CASE(a_run_records_what_was_chosen) {
  const Scratch scratch;
  std::vector<std::string> arguments =
      train("baseline", {"--data", pipelines + "/data/csv.yaml", "--set", "backbone=tinynet", "--set", "part=labeled",
                         "--set", "noise={kind: symmetric, rate: 0.5, seed: 2}", "--out", "run", "--quiet"});
  const Outcome outcome = run(scratch.folder, arguments);
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(has(outcome.err, "7 of 14 labels of '"));
  const std::vector<std::string> rows = lines_of(text_of(scratch.folder / "run/selections/labeled.csv"));
  BOOST_REQUIRE_EQUAL(rows.size(), 15u);
  BOOST_TEST(rows[0] == "face,row,id,split,label,given");
  int changed = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::size_t comma = rows[i].rfind(',');
    const std::size_t before = rows[i].rfind(',', comma - 1);
    changed += rows[i].substr(before + 1, comma - before - 1) != rows[i].substr(comma + 1) ? 1 : 0;
  }
  BOOST_TEST(changed == 7);
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "run/selections/test.csv"));
}

BOOST_AUTO_TEST_SUITE_END()
