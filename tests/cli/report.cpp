// `fergraph report`, and the report that a training run makes at its end.
#include <cstdlib>

#include "report/run_timing.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(report, *boost::unit_test::fixture<SmallCache>())

namespace {

// Of train(): without its --no-report.
std::vector<std::string> train_with_report(const std::string& method, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = train(method, more);
  std::erase(arguments, "--no-report");
  return arguments;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_training_run_leaves_its_report) {
  const Scratch scratch;
  const Outcome trained = run(scratch.folder, train_with_report("ada-cm", {"--out", "run"}));
  BOOST_TEST(trained.code == 0);
  BOOST_TEST(has(trained.out, "Report: run/report.html\n"));
  BOOST_TEST(text_of(scratch / "run/report.html").ends_with("</html>\n"));
  const RunTiming timing = read_timing(scratch / "run/timing.json");
  BOOST_TEST(timing.starts == 1);
  BOOST_TEST(timing.shares.step > 0);
  BOOST_TEST(timing.nodes.size() > 15u);

  const Outcome again = run(scratch.folder, {"report", "run", "-o", "again.html"});
  BOOST_TEST(again.code == 0);
  BOOST_TEST(again.out == "The report is again.html\n");
  BOOST_TEST(again.err == "");
  const std::string page = text_of(scratch / "again.html");
  for (const char* part : {"\"loss.total\"", "\"test.confusion\"", "class=\"node heat", "step.guess"})
    BOOST_TEST(has(page, part));
}

BOOST_AUTO_TEST_CASE(it_can_be_left_out) {
  const Scratch scratch;
  BOOST_TEST(run(scratch.folder, train("baseline", {"--out", "run"})).code == 0);
  BOOST_TEST(!std::filesystem::exists(scratch / "run/report.html"));
  BOOST_TEST(std::filesystem::exists(scratch / "run/timing.json"));
}

BOOST_AUTO_TEST_CASE(without_graphviz_the_run_ends_well_and_the_page_says_so) {
  const Scratch scratch;
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const Outcome trained = run(scratch.folder, train_with_report("baseline", {"--out", "run"}));
  ::setenv("PATH", path.c_str(), 1);
  BOOST_TEST(trained.code == 0);
  const std::string told = "Graphviz could not draw the pipeline. Install the package graphviz.";
  BOOST_TEST(has(trained.err, told));
  BOOST_TEST(has(text_of(scratch / "run/report.html"), told));
}

BOOST_AUTO_TEST_CASE(a_folder_without_a_run_is_an_error) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, {"report", "."});
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(outcome.err == "'.' holds no run: it has no 'pipeline.yaml'. Check the path.\n");
  BOOST_TEST(run(scratch.folder, {"report"}).code == 2);
}

BOOST_AUTO_TEST_SUITE_END()
