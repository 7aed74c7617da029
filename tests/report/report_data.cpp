// What a report is made of, gathered from a run's directory.
#include "report/report_data.hpp"

#include <boost/test/unit_test.hpp>

#include "report/face_gallery.hpp"
#include "report/html_report.hpp"
#include "report/run_records.hpp"
#include "tests/report/made_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

const std::filesystem::path method = std::filesystem::path(FERGRAPH_SOURCE_DIR) / "pipelines/methods/ada-cm.yaml";

nlohmann::ordered_json data_of(const std::filesystem::path& directory) {
  ReportedRun run = open_run(directory, all_nodes());
  return report_data(run);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(run_records)

BOOST_AUTO_TEST_CASE(arrays_are_kept_by_what_they_can_be_shown_as) {
  const Scratch scratch;
  const RunRecords records = read_records(scratch.write("metrics.jsonl", made_metrics({})));
  BOOST_TEST(records.steps_per_epoch == 4);
  BOOST_TEST(records.steps.at("loss.total").values.size() == 12u);
  BOOST_TEST(records.steps.at("loss.total").epochs.front() == 0.25);
  BOOST_TEST(records.by_epoch("test.accuracy")->size() == 3u);
  BOOST_TEST(!records.by_epoch("threshold"));
  BOOST_TEST(records.short_arrays.at("threshold").back().values.size() == 3u);
  BOOST_TEST(std::isnan(records.short_arrays.at("pseudo.accuracy").back().values[0]));
  BOOST_TEST(records.tables.at("test.confusion").epoch == 3);
  BOOST_TEST(records.histograms.at("similarity.net1").counts.size() == 40u);
  // A hundred numbers become a histogram, over the whole range of a share.
  BOOST_TEST(records.histograms.at("weights.net1").high == 1);
  BOOST_TEST(!records.short_arrays.contains("weights.net1"));
}

BOOST_AUTO_TEST_CASE(half_lines_and_foreign_lines_are_passed_over) {
  const Scratch scratch;
  const RunRecords records = read_records(scratch.write(
      "metrics.jsonl",
      "[]\n{\"section\":7}\n{\"section\":\"epoch_end\",\"epoch\":1,\"a\":0.5,\"b\":\"word\",\"c\":{\"shape\":[3],"
      "\"values\":[1]},\"d\":{\"histogram\":{}}}\n{\"section\":\"epoch_end\",\"epo"));
  BOOST_TEST(records.by_epoch("a")->back().values.front() == 0.5);
  BOOST_TEST(records.short_arrays.size() == 1u);
  BOOST_TEST(records.histograms.empty());
}

BOOST_AUTO_TEST_CASE(long_runs_are_thinned_to_means) {
  const Scratch scratch;
  std::string text;
  for (int i = 1; i <= 1000; ++i)
    text += "{\"section\":\"step\",\"epoch\":1,\"step\":" + std::to_string(i) + ",\"iteration\":" + std::to_string(i) +
            ",\"loss\":" + std::to_string(i) + "}\n";
  const RunRecords records = read_records(scratch.write("metrics.jsonl", text), 10);
  BOOST_TEST(records.steps.at("loss").values.size() == 10u);
  BOOST_TEST(records.steps.at("loss").values.front() == 50.5);
  BOOST_TEST(records.steps.at("loss").epochs.back() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(report_of_a_run)

BOOST_AUTO_TEST_CASE(the_headline_has_best_last_and_mean) {
  const Scratch scratch;
  const auto data = data_of(write_made_run(scratch, method));
  const auto& first = data["headline"]["accuracies"][0];
  BOOST_TEST(first["record"] == "test.accuracy");
  BOOST_TEST(first["best_epoch"] == 3);
  BOOST_TEST(first["last"].get<double>() == 1 - 0.5 / 3, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(data["headline"]["others"].contains("test.macro_f1"));
  BOOST_TEST(data["run"]["seed"] == 7);
  BOOST_TEST(data["classes"].size() == 3u);
  BOOST_TEST(data["problems"].empty());
}

BOOST_AUTO_TEST_CASE(labels_to_doubt_are_ranked_and_have_pictures) {
  const Scratch scratch;
  const auto data = data_of(write_made_run(scratch, method));
  const auto& labeled = data["predictions"][0];
  BOOST_TEST(labeled["name"] == "labeled");
  const auto& faces = labeled["suspects"]["faces"];
  BOOST_TEST(faces.size() > 5u);
  double last = 2;
  for (const auto& face : faces) {
    BOOST_TEST(face["given"] != face["predicted"]);
    BOOST_TEST(face["picture"].get<std::string>().starts_with("data:image/png;base64,iVBOR"));
    const double certainty = face["confidence"].get<double>() - face["of_given"].get<double>();
    BOOST_TEST(certainty <= last + 1e-3);
    last = certainty;
  }
  // The weights are apart for right and wrong labels.
  const auto& column = labeled["columns"][0];
  BOOST_TEST(column["name"] == "weights1");
  BOOST_TEST(column["wrong"].back() == 0);
  BOOST_TEST(column["right"][18].get<int>() > 50);
  for (const auto& face : data["predictions"][1]["mistakes"]["faces"]) BOOST_TEST(face["actual"] != face["predicted"]);
}

BOOST_AUTO_TEST_CASE(the_plane_has_every_test_sample_and_a_sheet_of_faces) {
  const Scratch scratch;
  const auto data = data_of(write_made_run(scratch, method));
  const auto& plane = data["predictions"][1]["plane"];
  BOOST_TEST(plane["x"].size() == 90u);
  BOOST_TEST(plane["trustworthiness"].get<double>() > 0.8);
  BOOST_TEST(plane["sheet"]["picture"].get<std::string>().starts_with("data:image/jpeg;base64,/9j/"));
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_damaged_is_told) {
  const Scratch scratch;
  const std::filesystem::path run = write_made_run(scratch, method);
  std::filesystem::remove(scratch / "faces.h5");
  scratch.write("run/predictions/test.features.npy", "no array");
  scratch.write("run/timing.json", "{");
  scratch.write("run/predictions/other.csv", "index,id\n1,2\n");
  const auto data = data_of(run);
  std::string problems;
  for (const auto& each : data["problems"]) problems += scratch.without(each.get<std::string>()) + "\n";
  BOOST_TEST_MESSAGE(problems);
  const auto has = [&](const std::string& part) { return problems.find(part) != std::string::npos; };
  BOOST_TEST(
      has("The face cache 'faces.h5' could not be opened, so its faces are not shown: it is neither there nor "
          "beside the run."));
  BOOST_TEST(
      has("'run/predictions/test.features.npy' is no array in NumPy's format 1.0. Evaluate the run again: "
          "fergraph evaluate."));
  BOOST_TEST(has("other.csv"));
  BOOST_TEST(data["timing"].is_null());
  BOOST_TEST(data["predictions"].size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_folder_without_a_run_is_refused) {
  const Scratch scratch;
  BOOST_CHECK_EXCEPTION(open_run(scratch.folder, all_nodes()), RunError, [&](const RunError& error) {
    return scratch.without(std::string(error.what()) + "/")
        .ends_with("holds no run: it has no 'pipeline.yaml'. Check the path./");
  });
}

BOOST_AUTO_TEST_CASE(a_bare_run_has_a_report_too) {
  const Scratch scratch;
  scratch.write("run/pipeline.yaml", resolved_pipeline(method, {"a", "b"}));
  const auto data = data_of(scratch / "run");
  BOOST_TEST(data["headline"]["accuracies"].empty());
  BOOST_TEST(data["predictions"].empty());
  BOOST_TEST(data["voids"].is_null());
  BOOST_TEST(write_report(scratch / "run", scratch / "out.html", all_nodes()).empty());
  BOOST_TEST(text_of(scratch / "out.html").ends_with("</html>\n"));
}

BOOST_AUTO_TEST_CASE(stratified_rows_keep_the_shares_of_the_classes) {
  PredictionTable table;
  for (int i = 0; i < 1000; ++i) {
    PredictionTable::Row row;
    row.given = i < 900 ? 0 : i < 999 ? 1 : 2;
    table.rows.push_back(row);
  }
  std::array<int, 3> counts{};
  for (const std::size_t i : stratified_rows(table, 100)) ++counts[static_cast<std::size_t>(table.rows[i].given)];
  BOOST_TEST(counts[0] == 90);
  BOOST_TEST(counts[1] == 9);
  BOOST_TEST(counts[2] == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(report_page)

BOOST_AUTO_TEST_CASE(texts_of_users_end_no_script_and_make_no_element) {
  BOOST_TEST(html_escaped("<a href='x'>&\"") == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
  BOOST_TEST(script_safe("{\"a\":\"</script><!--\"}") == "{\"a\":\"\\u003c/script\\u003e\\u003c!--\"}");
  const Scratch scratch;
  const std::filesystem::path run = write_made_run(scratch, method);
  BOOST_TEST(write_report(run, scratch / "report.html", all_nodes()).empty());
  const std::string page = text_of(scratch / "report.html");
  // A class is called so.
  BOOST_TEST(page.find("</script><b>joy") == std::string::npos);
  BOOST_TEST(page.find("\\u003c/script\\u003e\\u003cb\\u003ejoy") != std::string::npos);
  std::size_t ends = 0;
  for (std::size_t at = page.find("</script>"); at != std::string::npos; at = page.find("</script>", at + 1)) ++ends;
  BOOST_TEST(ends == 3u);
}

BOOST_AUTO_TEST_CASE(nothing_is_loaded_from_elsewhere_and_the_licence_is_there) {
  const Scratch scratch;
  write_report(write_made_run(scratch, method), scratch / "report.html", all_nodes());
  const std::string page = text_of(scratch / "report.html");
  BOOST_TEST(page.find("default-src 'none'") != std::string::npos);
  for (const char* loading : {" src=\"http", " href=\"http", "@import", "url(http"})
    BOOST_TEST(page.find(loading) == std::string::npos, loading);
  BOOST_TEST(page.find("Permission is hereby granted") != std::string::npos);
  BOOST_TEST(page.find("Chart.js v") != std::string::npos);
  BOOST_TEST(page.find("{{") == page.rfind("{{", page.find("Chart.js v")));
  BOOST_TEST(page.size() < 1500000u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(run_timing)

BOOST_AUTO_TEST_CASE(resumed_runs_add_up) {
  const Scratch scratch;
  const RunTiming first{1, 10, {1, 6, 2, {{"labeled", 1}}}, {{"step.a", "forward", 5, 3}}};
  const RunTiming second{1, 5, {0.5, 3, 1, {{"test", 0.5}}}, {{"step.a", "forward", 2, 1}, {"step.b", "log", 1, 1}}};
  const RunTiming both = read_timing(scratch.write("timing.json", timing_text(sum_of(first, second))));
  BOOST_TEST(both.starts == 2);
  BOOST_TEST(both.seconds == 15);
  BOOST_TEST(both.shares.step == 9);
  BOOST_TEST(both.shares.waiting_for.size() == 2u);
  BOOST_REQUIRE_EQUAL(both.nodes.size(), 2u);
  BOOST_TEST(both.nodes[0].calls == 7);
  BOOST_TEST(both.nodes[0].seconds == 4);
  BOOST_TEST(read_timing(scratch / "absent.json").empty());
}

BOOST_AUTO_TEST_SUITE_END()
