// A report in a real browser: every figure is there and drawn, nothing is loaded, nothing is wider than a phone.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "report/html_report.hpp"
#include "tests/browser.hpp"
#include "tests/report/made_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(report_in_a_browser)

namespace {

const std::filesystem::path source = FERGRAPH_SOURCE_DIR;

// The page in two frames of one page, which looks into them and tells what it finds.
std::string page_of_frames(const std::string& report) {
  const std::string inner = html_escaped(report);
  return "<!doctype html><meta charset=utf-8><link rel=icon href=\"data:,\"><pre id=found></pre>"
         "<iframe id=wide width=1280 height=900 srcdoc=\"" +
         inner + "\"></iframe><iframe id=narrow width=400 height=900 srcdoc=\"" + inner + "\"></iframe><script>" +
         text_of(source / "tests/report/probe.js") + "</script>";
}

// What the page told, as it stands in the text of its document.
nlohmann::json found_in(const std::string& document) {
  const std::string open = "<pre id=\"found\">";
  const std::size_t begin = document.find(open) + open.size();
  std::string text = document.substr(begin, document.find("</pre>", begin) - begin);
  for (const auto& [entity, letter] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}})
    for (std::size_t at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
      text.replace(at, std::string(entity).size(), letter);
  return nlohmann::json::parse(text);
}

bool has_browser() {
  if (!browser().empty()) return true;
  std::printf("There is no chromium (Debian's package of this name): every case skipped.\n");
  return false;
}

void expect_good(const nlohmann::json& frame, const std::vector<std::string>& figures) {
  BOOST_TEST_MESSAGE(frame.dump());
  const auto there = frame["figures"].get<std::vector<std::string>>();
  for (const std::string& figure : figures)
    BOOST_TEST((std::find(there.begin(), there.end(), figure) != there.end()), figure);
  BOOST_TEST(frame["drawn"] == frame["canvases"]);
  for (const char* list : {"blank", "uncaptioned", "requests"}) BOOST_TEST(frame[list].empty(), list);
  BOOST_TEST(frame["overflow"] == 0);
  BOOST_TEST(frame["unlabeled"] == 0);
  BOOST_TEST(frame["dead"] == 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_figure_is_drawn_wide_and_narrow) {
  if (!has_browser()) return;
  const Scratch scratch;
  MadeRun made;
  made.classes[0] = "<img src=x onerror=\"parent.injected = 1\">";
  const std::filesystem::path run = write_made_run(scratch, source / "pipelines/methods/ada-cm.yaml", made);
  BOOST_TEST(write_report(run, scratch / "report.html", all_nodes()).empty());
  scratch.write("frames.html", page_of_frames(text_of(scratch / "report.html")));
  const LoadedPage page = load_page(scratch / "frames.html", scratch);
  BOOST_TEST(page.console == "");
  const nlohmann::json found = found_in(page.document);
  BOOST_TEST(found["injected"] == "undefined");
  for (const char* frame : {"wide", "narrow"}) {
    expect_good(found[frame], {"confusion",
                               "per-class",
                               "reliability",
                               "plane",
                               "losses",
                               "accuracies",
                               "learning-rate",
                               "calibration-course",
                               "record-test-recall",
                               "record-threshold",
                               "record-pseudo-share",
                               "record-pseudo-accuracy",
                               "pseudo-course",
                               "noise",
                               "subset-sizes",
                               "pseudo-counts",
                               "mixture-net1",
                               "spread-weights-net1",
                               "column-labeled-weights1",
                               "suspects-labeled",
                               "mistakes-test",
                               "other-epochs-weight",
                               "other-steps-mask",
                               "record-correct-count",
                               "shares",
                               "node-times",
                               "drawing",
                               "voids",
                               "data",
                               "commands",
                               "provenance"});
    BOOST_TEST(found[frame]["heading"] == "ada-cm");
    BOOST_TEST(found[frame]["pictures"].get<int>() > 10);
  }
  BOOST_TEST(found["narrow"]["width"].get<int>() <= 400);
}

BOOST_AUTO_TEST_CASE(a_run_of_which_only_the_pipeline_is_left) {
  if (!has_browser()) return;
  const Scratch scratch;
  scratch.write("run/pipeline.yaml", resolved_pipeline(source / "pipelines/methods/baseline.yaml", {"a", "b"}));
  write_report(scratch / "run", scratch / "report.html", all_nodes());
  scratch.write("frames.html", page_of_frames(text_of(scratch / "report.html")));
  const LoadedPage page = load_page(scratch / "frames.html", scratch);
  BOOST_TEST(page.console == "");
  const nlohmann::json found = found_in(page.document);
  expect_good(found["narrow"], {"drawing", "data", "commands"});
}

BOOST_AUTO_TEST_SUITE_END()
