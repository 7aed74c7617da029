// `fergraph evaluate`, and the predictions that a run leaves.
#include <cstring>
#include <nlohmann/json.hpp>

#include "datasets/csv.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

using Json = nlohmann::json;

const std::vector<std::string> classes = {"surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"};

// Also a run of two epochs in small_faces() / "out", and caches of the same photographs: with another order of the
// classes, without one of them, of another size.
struct SmallRun : SmallCache {
  SmallRun() {
    const auto cache = [](const std::string& name, const std::string& setting, const std::string& file = {}) {
      std::vector<std::string> arguments = preprocess("photographs", "made-" + name);
      if (!file.empty()) arguments[1] = file;
      arguments.insert(arguments.end(), {"--quiet", "--set", "cache=" + name + ".h5", "--set", setting});
      BOOST_REQUIRE_EQUAL(run(small_faces(), arguments).code, 0);
    };
    cache("turned", "class_names=[neutral, anger, Sadness, happiness, disgust, fear, surprise]");
    // Fear's samples are left out.
    std::ofstream(small_faces() / "fewer-faces.yaml")
        << "version: 1\npipeline: fewer-faces\nuse: " << pipelines << "/faces/demo.yaml\n"
        << "params: {aliases: {fear: ~}}\nstreams: {faces: {photo: {aliases: $aliases}}}\n";
    cache("fewer", "class_names=[surprise, disgust, happiness, sadness, anger, neutral]", "fewer-faces.yaml");
    cache("larger", "size=40");
    BOOST_REQUIRE_EQUAL(
        run(small_faces(), train("baseline", {"--out", "out", "--quiet", "--set", "epochs=2", "--set", "steps=4"}))
            .code,
        0);
  }
};

Outcome evaluate(const std::vector<std::string>& more, const std::string& of = "out") {
  std::vector<std::string> arguments = {"evaluate", of};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(small_faces(), arguments);
}

Json json_of(const std::filesystem::path& file) { return Json::parse(text_of(small_faces() / file)); }

std::string data_file(const std::string& name, const std::string& text) {
  std::ofstream(small_faces() / (name + ".yaml")) << text;
  return name + ".yaml";
}

// A data file of another cache.
std::string data_of(const std::string& cache) {
  return data_file(cache, "params: {test: {cache: " + cache + ".h5, split: test}}\n");
}

// The records of metrics.jsonl of this name, in their order.
std::vector<double> recorded(const std::filesystem::path& metrics, const std::string& name) {
  std::vector<double> values;
  for (const std::string& line : lines_of(text_of(metrics)))
    if (const Json json = Json::parse(line); json.contains(name)) values.push_back(json[name]);
  return values;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(evaluating, *boost::unit_test::fixture<SmallRun>())

BOOST_AUTO_TEST_CASE(a_run_leaves_what_it_predicts) {
  const Json test = json_of("out/predictions/test.json");
  BOOST_TEST(test["accuracy"] == recorded(small_faces() / "out/metrics.jsonl", "test.accuracy").back());
  BOOST_TEST(test["mean_recall"] == recorded(small_faces() / "out/metrics.jsonl", "test.mean_recall").back());
  BOOST_TEST(test["n"] == 14);
  BOOST_TEST(test["name"] == "test");
  BOOST_TEST(test["checkpoint"] == "last");
  BOOST_TEST(test["networks"] == Json({"net"}));
  BOOST_TEST(test["classes"] == Json(classes));
  BOOST_TEST(test["confusion"].size() == 7U);

  for (const auto& [name, rows] : {std::pair("test", 14), std::pair("labeled", 14)}) {
    CsvReader csv(small_faces() / "out/predictions" / (std::string(name) + ".csv"));
    std::vector<std::string> header = {"index", "id", "cache", "face", "given", "true", "predicted", "confidence"};
    for (const std::string& each : classes) header.push_back("p_" + each);
    BOOST_TEST(csv.columns() == header, boost::test_tools::per_element());
    CsvRecord row;
    int count = 0, right = 0;
    for (; csv.next(row); ++count) {
      BOOST_TEST(row.fields[0] == std::to_string(count));
      BOOST_TEST(row.fields[1].ends_with(".jpg"));
      BOOST_TEST(row.fields[2] == (small_faces() / "faces.h5").string());
      BOOST_TEST(row.fields[4] == row.fields[5]);
      float sum = 0, largest = 0;
      for (std::size_t c = 0; c < 7; ++c) {
        const float share = std::stof(std::string(row.fields[8 + c]));
        sum += share;
        largest = std::max(largest, share);
        if (std::string(row.fields[7]) == std::string(row.fields[8 + c])) BOOST_TEST(row.fields[6] == classes[c]);
      }
      BOOST_TEST(std::abs(sum - 1) < 1e-5);
      BOOST_TEST(std::stof(std::string(row.fields[7])) == largest);
      right += row.fields[5] == row.fields[6] ? 1 : 0;
    }
    BOOST_TEST(count == rows);
    const Json summary = json_of(std::string("out/predictions/") + name + ".json");
    BOOST_TEST(std::abs(summary["accuracy"].get<double>() - right / 14.0) < 1e-12);
  }

  // NumPy's format 1.0: numbers begin at a multiple of 64.
  const std::string features = text_of(small_faces() / "out/predictions/test.features.npy");
  BOOST_REQUIRE(features.starts_with(std::string("\x93NUMPY\1\0", 8)));
  const std::size_t header =
      10 + static_cast<unsigned char>(features[8]) + 256U * static_cast<unsigned char>(features[9]);
  BOOST_TEST(header % 64 == 0U);
  BOOST_TEST(has(features.substr(0, header), "{'descr': '<f4', 'fortran_order': False, 'shape': (14, 128), }"));
  BOOST_TEST(features.size() == header + 14 * 128 * 4);
}

// Its resolved file has what the data file adds already. Labels are numbered by the cache, whatever the file calls
// them.
BOOST_AUTO_TEST_CASE(a_run_of_a_data_file_is_measured_with_it_again) {
  const std::string csv = pipelines + "/data/csv.yaml";
  std::vector<std::string> arguments = {
      "run", pipelines + "/methods/baseline.yaml", "--data", csv, "--out", "of-csv", "--quiet", "--no-report"};
  for (const char* setting :
       {"cache=turned.h5", "backbone=tinynet", "epochs=1", "steps=2", "batch_labeled=6", "batch_test=7"})
    arguments.insert(arguments.end(), {"--set", setting});
  const Outcome trained = run(small_faces(), arguments);
  BOOST_TEST(trained.code == 0);
  const std::size_t matrix = trained.out.find("(rows: true class");
  BOOST_TEST(trained.out.find("\n  neutral ", matrix) < trained.out.find("\n  surprise ", matrix));
  const Outcome outcome = evaluate({"--data", csv, "--set", "cache=faces.h5", "--name", "same"}, "of-csv");
  BOOST_TEST(outcome.code == 0, outcome.err);
  BOOST_TEST(json_of("of-csv/predictions/same.json")["n"] == 14);
  BOOST_TEST(json_of("of-csv/predictions/test.json")["classes"][0] == "neutral");
  BOOST_TEST(run(small_faces(), {"export", "of-csv", "-o", "of-csv-model"}).code == 0);
  BOOST_TEST(json_of("of-csv-model/model.json")["class_names"][0] == "neutral");
}

BOOST_AUTO_TEST_CASE(results_have_names_of_files) {
  for (const char* name : {"../x", "a/b", ".hidden"}) {
    const Outcome outcome = evaluate({"--name", name});
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(outcome.err ==
               "--name is a file's name in the run's predictions/, without '/' and no dot in front, not '" +
                   std::string(name) + "'.\n");
  }
  // What the run itself left of its labeled faces stays.
  const std::string left = text_of(small_faces() / "out/predictions/labeled.csv");
  BOOST_TEST(evaluate({"--name", "labeled"}).code == 0);
  BOOST_TEST(text_of(small_faces() / "out/predictions/labeled.csv") == left);
  BOOST_TEST(std::filesystem::exists(small_faces() / "out/predictions/labeled-other.csv"));
}

BOOST_AUTO_TEST_CASE(a_run_is_measured_again_as_it_was) {
  const std::string json = text_of(small_faces() / "out/predictions/test.json");
  const std::string csv = text_of(small_faces() / "out/predictions/test.csv");
  const Outcome outcome = evaluate({});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.err == "");
  BOOST_TEST(outcome.out.starts_with("net of out, checkpoint last, after epoch 2 of 2\n"));
  BOOST_TEST(has(outcome.out, "accuracy  mean recall"));
  BOOST_TEST(has(outcome.out, "(rows: true class, columns: predicted)"));
  BOOST_TEST(text_of(small_faces() / "out/predictions/test.json") == json);
  BOOST_TEST(text_of(small_faces() / "out/predictions/test.csv") == csv);
  // The best checkpoint is that of one of the epochs.
  const Outcome best = evaluate({"--checkpoint", "best", "--json"});
  const std::vector<double> epochs = recorded(small_faces() / "out/metrics.jsonl", "test.accuracy");
  BOOST_TEST(Json::parse(best.out)[0]["accuracy"] == *std::max_element(epochs.begin(), epochs.end()));
  BOOST_TEST(json_of("out/predictions/test-best.json")["checkpoint"] == "best");
  // Any of the folder's, by its name or its path.
  const Outcome first = evaluate({"--checkpoint", "000000004", "--json"});
  BOOST_TEST(Json::parse(first.out)[0]["accuracy"] == epochs.front());
  BOOST_TEST(
      Json::parse(evaluate({"--checkpoint", "out/checkpoints/000000008.safetensors", "--json"}).out)[0]["accuracy"] ==
      epochs.back());
}

BOOST_AUTO_TEST_CASE(classes_are_matched_by_name) {
  const Json own = json_of("out/predictions/test.json");
  const Outcome outcome = evaluate({"--data", data_of("turned"), "--json"});
  BOOST_TEST(outcome.code == 0);
  const Json turned = Json::parse(outcome.out)[0];
  for (const char* same : {"accuracy", "mean_recall", "confusion", "classes", "n"})
    BOOST_TEST(turned[same] == own[same]);
  BOOST_TEST(turned["name"] == "turned");
  BOOST_TEST(turned["data"] == "turned.yaml");
  // A data set that lacks a class: nothing of that class is there, the network knows it all the same.
  const Json fewer = Json::parse(evaluate({"--data", data_of("fewer"), "--json"}).out)[0];
  BOOST_TEST(fewer["n"] == 12);
  BOOST_TEST(fewer["classes"] == own["classes"]);
  Json rows = own["confusion"];
  rows[1] = Json({0, 0, 0, 0, 0, 0, 0});
  BOOST_TEST(fewer["confusion"] == rows);
}

BOOST_AUTO_TEST_CASE(several_data_sets_make_one_table) {
  const Outcome outcome = evaluate({"--data", data_of("turned"), "--data", data_of("fewer"), "--csv", "table.csv"});
  BOOST_TEST(outcome.code == 0);
  const std::vector<std::string> lines = lines_of(outcome.out);
  BOOST_REQUIRE(lines.size() > 8U);
  BOOST_TEST(lines[1].starts_with("  data    faces  accuracy"));
  BOOST_TEST(lines[2].starts_with("  turned     14 "));
  BOOST_TEST(lines[3].starts_with("  fewer      12 "));
  BOOST_TEST(lines[5].starts_with("  recall  surprise"));
  BOOST_TEST(has(lines[7], " - "));  // no fear there
  CsvReader table(small_faces() / "table.csv");
  CsvRecord row;
  BOOST_TEST(table.column("recall_fear") == 11);
  BOOST_REQUIRE(table.next(row));
  BOOST_TEST(row.fields[0] == "turned");
  BOOST_TEST(row.fields[4] == "14");
  BOOST_REQUIRE(table.next(row));
  BOOST_TEST(row.fields[11] == "");
  BOOST_TEST(!table.next(row));
}

BOOST_AUTO_TEST_CASE(another_split_or_part_can_be_measured) {
  const Json train = Json::parse(evaluate({"--split", "train", "--json"}).out)[0];
  BOOST_TEST(train["n"] == 42);
  BOOST_TEST(train["name"] == "test.train");
  const Json validation = Json::parse(evaluate({"--set",
                                                "test={cache: faces.h5, split: train, part: validation, "
                                                "validation: 0.5}",
                                                "--json"})
                                          .out)[0];
  BOOST_TEST(validation["n"] == 21);
}

BOOST_AUTO_TEST_CASE(classes_that_the_run_does_not_know_are_refused_or_left_out) {
  BOOST_REQUIRE_EQUAL(run(small_faces(), {"run", pipelines + "/methods/baseline.yaml", "--out", "six", "--quiet",
                                          "--set", "cache=fewer.h5", "--set", "classes=6", "--set", "labels=12",
                                          "--set", "epochs=1", "--set", "steps=2", "--set", "batch_labeled=4"})
                          .code,
                      0);
  const Outcome refused = evaluate({"--data", data_of("faces")}, "six");
  BOOST_TEST(refused.code == 2);
  BOOST_TEST(
      has(refused.err,
          "The cache 'faces.h5' has faces of classes that are not known here: 'fear' (2 faces). Known are "
          "'surprise', 'disgust', 'happiness', 'sadness', 'anger' and 'neutral'. The selection's 'aliases: {fear: "
          "~}' leaves them out; the name of a known class in place of ~ counts them as that.\n"));
  const Outcome without = evaluate({"--data", "faces.yaml", "--set", "test.aliases={fear: ~}", "--json"}, "six");
  BOOST_TEST(without.code == 0);
  BOOST_TEST(Json::parse(without.out)[0]["n"] == 12);
  const Outcome counted = evaluate({"--data", "faces.yaml", "--set", "test.aliases={fear: surprise}", "--json"}, "six");
  BOOST_TEST(Json::parse(counted.out)[0]["n"] == 14);
}

BOOST_AUTO_TEST_CASE(faces_of_another_size_are_refused_or_resized) {
  const Outcome refused = evaluate({"--data", data_of("larger")});
  BOOST_TEST(refused.code == 1);
  BOOST_TEST(refused.err ==
             "The faces of 'larger.h5' have 40x40 pixels, but the run was trained with faces of 32x32. Make the cache "
             "with that size (--set size=32 of its preprocessing file), or let the faces be resized: --resize.\n");
  const Outcome resized = evaluate({"--data", "larger.yaml", "--resize"});
  BOOST_TEST(resized.code == 0);
  // That the faces were made otherwise is told in any case.
  BOOST_TEST(
      resized.err.starts_with("warning: The faces of 'larger.h5' were made otherwise than those that the run was "
                              "trained with. face: "));
  BOOST_TEST(json_of("out/predictions/larger.json")["n"] == 14);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_evaluated_is_told) {
  const auto refused = [](const std::vector<std::string>& more, const std::string& of = "out") {
    const Outcome outcome = evaluate(more, of);
    BOOST_TEST(outcome.code != 0);
    BOOST_TEST(outcome.out == "");
    return outcome.err;
  };
  BOOST_TEST(refused({}, "photographs") ==
             "The directory 'photographs' holds no run: it has no 'pipeline.yaml'. Check the path.\n");
  BOOST_TEST(refused({}, "faces") ==
             "The run 'faces' preprocesses faces and trains no network, so there is nothing to evaluate.\n");
  BOOST_TEST(refused({"--data", data_file("nothing", "params: {classes: 7}\n")}) ==
             "nothing.yaml: error: The data file selects no faces to test with, so there is nothing to evaluate. Add "
             "them to its 'params', such as test: {cache: faces.h5, split: test}.\n");
  BOOST_TEST(has(refused({"--data", "none.yaml"}), "none.yaml: error: The file does not exist"));
  BOOST_TEST(has(refused({"--split", "tset"}), "The cache '" + (small_faces() / "faces.h5").string() +
                                                   "' has no faces of the split 'tset'. It has 'test' and 'train'."));
  BOOST_TEST(refused({"--checkpoint", "000000099"}) ==
             "There is no checkpoint '000000099', neither as a path nor in 'out/checkpoints'. Give last, best or a "
             "file.\n");
  BOOST_TEST(has(refused({"--checkpoint", "out/checkpoints/last/net.safetensors"}),
                 "The checkpoint 'out/checkpoints/last/net.safetensors' cannot be used: it is no checkpoint of a run"));

  // As a process leaves it that was killed.
  std::filesystem::copy(small_faces() / "out", small_faces() / "killed", std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(small_faces() / "killed/checkpoints/last");
  BOOST_TEST(refused({}, "killed") ==
             "The run 'killed' has not finished: it has no 'killed/checkpoints/last'. Go on with it (fergraph run "
             "--resume killed), or measure what it has reached: --checkpoint best, or a file of "
             "'killed/checkpoints'.\n");
  BOOST_TEST(evaluate({"--checkpoint", "best"}, "killed").code == 0);
  std::filesystem::remove_all(small_faces() / "killed/checkpoints");
  BOOST_TEST(refused({}, "killed") ==
             "The run 'killed' has not finished: it has no 'killed/checkpoints/last'. Go on with it (fergraph run "
             "--resume killed); it has no checkpoint yet that could be measured.\n");

  std::filesystem::copy(small_faces() / "out", small_faces() / "damaged", std::filesystem::copy_options::recursive);
  const std::filesystem::path net = small_faces() / "damaged/checkpoints/last/net.safetensors";
  std::filesystem::resize_file(net, std::filesystem::file_size(net) / 2);
  BOOST_TEST(
      refused({}, "damaged").starts_with("The checkpoint 'damaged/checkpoints/last' cannot be used: Cannot read "));
  const std::filesystem::path best = small_faces() / "damaged/checkpoints/best.safetensors";
  std::string bytes = text_of(best);
  bytes[bytes.size() - 100] ^= 4;
  std::ofstream(best, std::ios::binary) << bytes;
  BOOST_TEST(
      refused({"--checkpoint", "best"}, "damaged") ==
      "The checkpoint 'damaged/checkpoints/best.safetensors' cannot be used: its bytes have changed since it was "
      "written.\n");
}

BOOST_AUTO_TEST_CASE(caches_that_a_data_file_would_make_otherwise_are_refused) {
  const std::string file = data_file(
      "stale", "params: {test: {cache: larger.h5, split: test, made_by: " + pipelines + "/faces/demo.yaml}}\n");
  const Outcome outcome = evaluate({"--data", file, "--resize"});
  BOOST_TEST(outcome.code == 2);
  BOOST_TEST(has(outcome.err, "The cache 'larger.h5' is stale: 'pipelines/faces/demo.yaml' would make it otherwise."));
}

BOOST_AUTO_TEST_CASE(predictions_can_be_left_out) {
  BOOST_REQUIRE_EQUAL(run(small_faces(), train("baseline", {"--out", "silent", "--quiet", "--no-predictions"})).code,
                      0);
  BOOST_TEST(!std::filesystem::exists(small_faces() / "silent/predictions"));
  // What cannot be written does not lose the run.
  std::filesystem::create_directories(small_faces() / "hindered");
  std::ofstream(small_faces() / "hindered/predictions") << "no folder";
  const Outcome outcome = run(small_faces(), train("baseline", {"--out", "hindered", "--quiet"}));
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(
      has(outcome.err, "warning: The predictions are not written: The folder 'hindered/predictions' cannot be made"));
  BOOST_TEST(has(outcome.out, "test.accuracy: best "));
}

BOOST_AUTO_TEST_SUITE_END()
