// The predictions that runs of every method leave, and evaluations of what a file says, whatever its names.
#include "report/evaluation.hpp"

#include <nlohmann/json.hpp>

#include "cli/run_command.hpp"
#include "datasets/csv.hpp"
#include "report/predictions.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(evaluation, *boost::unit_test::fixture<SmallFaces>())

namespace {

using Json = nlohmann::json;

std::filesystem::path trained(const std::filesystem::path& file, const std::string& name,
                              const std::vector<std::string>& more = {}) {
  RunCommand command;
  command.load.file = file;
  command.load.settings = {"cache=" + (SmallFaces::folder / "faces.h5").string(),
                           "labels=14",
                           "epochs=1",
                           "steps=2",
                           "batch_labeled=6",
                           "batch_test=5",
                           "lr=1e-3"};
  command.load.settings.insert(command.load.settings.end(), more.begin(), more.end());
  command.out = SmallFaces::folder / "evaluation" / name;
  command.quiet = true;
  BOOST_REQUIRE_EQUAL(run_command(command, registry(), {}), 0);
  return command.out;
}

Json last_record(const std::filesystem::path& run, const std::string& name) {
  std::ifstream in(run / "metrics.jsonl");
  Json found;
  for (std::string line; std::getline(in, line);)
    if (const Json json = Json::parse(line); json.contains(name)) found = json[name];
  return found;
}

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> column(const std::string& name) const {
    const auto at = std::find(columns.begin(), columns.end(), name) - columns.begin();
    BOOST_REQUIRE_MESSAGE(at < static_cast<std::ptrdiff_t>(columns.size()), name << " is no column");
    std::vector<std::string> values;
    for (const auto& row : rows) values.push_back(row[static_cast<std::size_t>(at)]);
    return values;
  }
};

Table predictions(const std::filesystem::path& run, const std::string& name) {
  CsvReader csv(run / "predictions" / (name + ".csv"));
  Table table{csv.columns(), {}};
  for (CsvRecord row; csv.next(row);) table.rows.emplace_back(row.fields.begin(), row.fields.end());
  return table;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_method_leaves_what_its_last_test_was) {
  const std::map<std::string, Json> networks = {
      {"asm", {"net1", "net2"}},      {"resup", {"net1"}},          {"pt", {"teacher1"}},
      {"fixmatch", {"teacher"}},      {"ada-cm", {"net"}},          {"ada-cm.released", {"teacher"}},
      {"lion.released", {"teacher"}}, {"mean-teacher", {"teacher"}}};
  for (const std::filesystem::path& file : files_in("methods")) BOOST_TEST_CONTEXT(file.filename().string()) {
      const std::filesystem::path run = trained(file, file.stem());
      const Json test = Json::parse(text_of(run / "predictions/test.json"));
      BOOST_TEST(test["accuracy"] == last_record(run, "test.accuracy"));
      BOOST_TEST(test["mean_recall"] == last_record(run, "test.mean_recall"));
      std::vector<Json> confusion;
      for (const Json& row : test["confusion"]) confusion.insert(confusion.end(), row.begin(), row.end());
      BOOST_TEST(Json(confusion) == last_record(run, "test.confusion")["values"]);
      BOOST_TEST(predictions(run, "test").rows.size() == 14U);
      if (const auto known = networks.find(file.stem()); known != networks.end())
        BOOST_TEST(test["networks"] == known->second);
      const std::string stream = file.stem() == "pseudo-label.offline" ? "union" : "labeled";
      BOOST_TEST(std::filesystem::exists(run / "predictions" / (stream + ".csv")));
      std::filesystem::remove_all(run);
    }
}

BOOST_AUTO_TEST_CASE(tables_of_samples_are_columns) {
  const auto run = trained(pipelines / "methods/asm.yaml", "tables-asm", {"epochs=2", "warmup_epochs=1"});
  const Table labeled = predictions(run, "labeled");
  BOOST_TEST(labeled.rows.size() == 42U);
  for (const std::string& subset : labeled.column("subset"))
    BOOST_TEST((subset == "0" || subset == "1" || subset == "2"));
  const Table resup = predictions(trained(pipelines / "methods/resup.yaml", "tables-resup",
                                          {"labeled.noise={kind: symmetric, rate: 0.5, seed: 1}"}),
                                  "labeled");
  BOOST_TEST(resup.column("weights1").size() == 42U);
  BOOST_TEST(resup.column("weights2").size() == 42U);
  const std::vector<std::string> given = resup.column("given"), actual = resup.column("true");
  int changed = 0;
  for (std::size_t i = 0; i < given.size(); ++i) changed += given[i] != actual[i] ? 1 : 0;
  BOOST_TEST(changed == 21);
  const Json summary = Json::parse(text_of(SmallFaces::folder / "evaluation/tables-resup/predictions/labeled.json"));
  BOOST_TEST(summary.contains("true_accuracy"));
  const Table lion = predictions(trained(pipelines / "methods/lion.yaml", "tables-lion"), "labeled");
  BOOST_TEST(lion.column("labels").size() == 14U);
  BOOST_TEST(lion.column("initialised").size() == 14U);
  // Samples without a label that a table follows: what they are given is unknown.
  const Table unlabeled = predictions(trained(pipelines / "methods/flexmatch.yaml", "tables-flexmatch"), "unlabeled");
  BOOST_TEST(unlabeled.rows.size() == 28U);
  BOOST_TEST(unlabeled.column("selected").size() == 28U);
  for (const std::string& label : unlabeled.column("given")) BOOST_TEST(label == "");
  for (const std::string& label : unlabeled.column("true")) BOOST_TEST(label != "");
  const Table joined = predictions(trained(pipelines / "methods/pseudo-label.offline.yaml", "tables-offline"), "union");
  BOOST_TEST(joined.rows.size() == 42U);
  const std::vector<std::string> labels = joined.column("given");
  BOOST_TEST(std::count(labels.begin(), labels.end(), "") == 28);
}

BOOST_AUTO_TEST_CASE(an_evaluation_gives_what_the_networks_said) {
  const auto directory = trained(pipelines / "methods/asm.yaml", "given");
  const EvaluatedRun run(directory, registry());
  BOOST_TEST(run.trained().width == 32);
  BOOST_TEST(run.trained().classes.size() == 7U);
  const Evaluation given = run.evaluate({}, read_states(directory, "last", run.pipeline()), {});
  BOOST_TEST(given.size() == 14);
  BOOST_TEST(given.probs.sizes() == (std::vector<std::int64_t>{14, 7}));
  BOOST_TEST(given.logits.sizes() == (std::vector<std::int64_t>{14, 7}));
  BOOST_TEST(given.features.sizes() == (std::vector<std::int64_t>{14, 128}));
  BOOST_TEST((given.probs.sum(1) - 1).abs().max().item<double>() < 1e-6);
  BOOST_TEST(given.number("accuracy") == last_record(directory, "test.accuracy").get<double>());
  BOOST_TEST(std::isnan(given.number("no such output")));
  // As the run had them at the end of its epoch.
  const Json probs = last_record(directory, "test.probabilities");
  for (std::int64_t i = 0; i < 14 * 7; ++i)
    BOOST_TEST(given.probs.view({-1})[i].item<double>() == probs["values"][static_cast<std::size_t>(i)].get<double>());
  BOOST_TEST(given.records.contains("test.accuracy"));
  BOOST_TEST(!given.records.contains("test_net1.accuracy"));
  // Only what is needed is there: neither the training faces nor the optimizer.
  const EvaluationPipeline cut = evaluation_pipeline(run.document(), {}, registry());
  BOOST_TEST(cut.stream == "test");
  BOOST_TEST(cut.pipeline.streams.size() == 1U);
  BOOST_TEST(cut.pipeline.states.size() == 2U);
  BOOST_TEST(!cut.pipeline.trains());
}

BOOST_AUTO_TEST_CASE(names_of_nodes_and_streams_do_not_matter) {
  const std::filesystem::path file = SmallFaces::folder / "other-names.yaml";
  std::ofstream(file) << "version: 1\npipeline: other-names\nuse: " << (pipelines / "methods/fixmatch.yaml").string()
                      << R"(
params: {exam: {cache: $cache, split: test}}
streams:
  test: ~
  exam:
    pictures: {node: face_cache, from: $exam}
    last: {node: batch, size: 5, items: {view: pictures.image, label: pictures.label}}
epoch_end:
  tested: ~
  result: ~
  tested_student: ~
  result_student: ~
  by_student: {node: pass, images: exam.view, nets: [net]}
  by_teacher: {node: pass, images: exam.view, nets: [teacher]}
  score_student: {node: accuracy, probs: by_student.probs, labels: by_student.labels}
  score: {node: accuracy, probs: by_teacher.probs, labels: by_student.labels}
records:
  test.logits: ~
  test.mean_recall: ~
  test.confusion: ~
  test.macro_f1: ~
  test.calibration_error: ~
  test.recall: ~
  test.reliability: ~
  test_student.logits: ~
  test.student: score_student.accuracy
  test.accuracy: score.accuracy
  test_student.accuracy: score_student.accuracy
)";
  const auto directory = trained(file, "other-names");
  const EvaluatedRun run(directory, registry());
  const EvaluationPipeline cut = evaluation_pipeline(run.document(), {}, registry());
  BOOST_TEST(cut.stream == "exam");
  BOOST_TEST(cut.networks == (std::vector<std::string>{"teacher"}), boost::test_tools::per_element());
  const Json test = Json::parse(text_of(directory / "predictions/test.json"));
  BOOST_TEST(test["accuracy"] == last_record(directory, "test.accuracy"));
  BOOST_TEST(test["records"]["test.student"] == last_record(directory, "test.student"));
  // The stream had no item `index`; an evaluation knows its rows all the same.
  const std::vector<std::string> ids = predictions(directory, "test").column("id");
  BOOST_TEST(std::set<std::string>(ids.begin(), ids.end()).size() == 14U);
}

BOOST_AUTO_TEST_CASE(pipelines_that_measure_nothing_are_told) {
  const auto message = [&](const std::vector<std::string>& settings) -> std::string {
    const Document document = load_document({pipelines / "methods/baseline.yaml", {}, settings});
    try {
      (void)evaluation_pipeline(document, {}, registry());
    } catch (const RunError& error) {
      return error.what();
    }
    return "no error";
  };
  BOOST_TEST(message({}) == "no error");
  BOOST_TEST(
      message({"records.test.accuracy=~", "records.test.mean_recall=~", "records.test.confusion=~",
               "records.test.macro_f1=~", "records.test.calibration_error=~", "records.test.recall=~",
               "records.test.reliability=~"})
          .ends_with("baseline.yaml' cannot be evaluated: none of its records test.* is made by a node 'accuracy' "
                     "at the end of an epoch. Add one, such as test.accuracy: result.accuracy."));
}

BOOST_AUTO_TEST_SUITE_END()
