// The files that a run records into, and what it tells at its end.
#include "report/metrics.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/histogram.hpp"
#include "report/results.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(metrics)

namespace {

struct Loss {
  static constexpr std::string_view type_name = "Loss";
  double value = 0;
  NumericArray numbers() const { return NumericArray::number(value); }
};

struct Numbers {
  static constexpr std::string_view type_name = "Numbers";
  NumericArray array;
  NumericArray numbers() const { return array; }
};

NumericArray list(std::vector<double> values) {
  return {{static_cast<std::int64_t>(values.size())}, std::move(values)};
}

void record(MetricsLog& log, Section section, const std::string& name, NumericArray array) {
  const Numbers numbers{std::move(array)};
  log.record(section, {}, {{&name, &value_type<Numbers>, &numbers, nullptr}});
}

nlohmann::json last_line(MetricsLog& log, const std::filesystem::path& folder) {
  log.flush();
  return nlohmann::json::parse(lines_of(text_of(folder / "metrics.jsonl")).back());
}

std::string events_of(const std::filesystem::path& folder) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (has(entry.path().filename(), "tfevents")) bytes += text_of(entry.path());
  return bytes;
}

VoidSample void_sample(std::int64_t sample) {
  return {"faces", "streams.faces.pixels", {}, sample, "a \"b\".jpg", "There is no such file."};
}

}  // namespace

BOOST_AUTO_TEST_CASE(numbers_reach_the_file_within_an_epoch) {
  const Scratch scratch;
  MetricsLog log(scratch.folder, std::chrono::milliseconds(0));
  const std::string name = "loss.total";
  const Loss loss{0.5};
  log.record(Section::step, {}, {{&name, &value_type<Loss>, &loss, nullptr}});
  BOOST_TEST(has(text_of(scratch.folder / "metrics.jsonl"), "\"loss.total\":0.5}\n"));
}

BOOST_AUTO_TEST_CASE(a_list_of_voids_that_cannot_be_opened_fails_the_flush) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch.folder / "voids.csv");
  MetricsLog log(scratch.folder);
  BOOST_CHECK_NO_THROW(log.flush());
  log.record_void(void_sample(1));
  log.record_void(void_sample(2));
  BOOST_TEST(log.voids() == 2);
  BOOST_CHECK_THROW(log.flush(), RunError);
}

// Made to be run under ThreadSanitizer too.
BOOST_AUTO_TEST_CASE(voids_may_come_while_the_run_flushes) {
  const Scratch scratch;
  MetricsLog log(scratch.folder);
  constexpr int count = 2000;
  {
    const std::jthread stream([&] {
      for (int i = 0; i < count; ++i) log.record_void(void_sample(i));
    });
    while (log.voids() < count) log.flush();
  }
  log.flush();
  BOOST_TEST(log.void_reasons().at("There is no such file.") == count);
  const std::string text = text_of(scratch.folder / "voids.csv");
  BOOST_TEST(std::count(text.begin(), text.end(), '\n') == count + 1);
  BOOST_TEST(has(text, "faces,streams.faces.pixels,1999,\"a \"\"b\"\".jpg\",There is no such file.\n"));
}

BOOST_AUTO_TEST_CASE(a_long_list_of_real_numbers_is_a_histogram) {
  const Scratch scratch;
  MetricsLog log(scratch.folder);
  std::vector<double> values(4000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i % 40) / 39;
  values.push_back(std::nan(""));
  record(log, Section::epoch_end, "weights.net1", list(values));
  const nlohmann::json line = last_line(log, scratch.folder);
  BOOST_TEST(line["section"] == "epoch_end");
  const nlohmann::json histogram = line["weights.net1"]["histogram"];
  BOOST_TEST(histogram["low"] == 0);
  BOOST_TEST(histogram["high"] == 1);
  BOOST_TEST(histogram["n"] == 4000);
  BOOST_TEST(histogram["counts"].get<std::vector<std::int64_t>>() == std::vector<std::int64_t>(40, 100),
             boost::test_tools::per_element());
  // Shorter ones are written down; whole numbers and tables are not made into histograms.
  record(log, Section::epoch_end, "short", list(std::vector<double>(1024, 0.5)));
  BOOST_TEST(last_line(log, scratch.folder)["short"].size() == 1024U);
  const std::size_t before = lines_of(text_of(scratch.folder / "metrics.jsonl")).size();
  record(log, Section::epoch_end, "labels", {{2000}, std::vector<std::int64_t>(2000)});
  record(log, Section::epoch_end, "logits", {{1000, 7}, std::vector<double>(7000)});
  log.flush();
  BOOST_TEST(lines_of(text_of(scratch.folder / "metrics.jsonl")).size() == before);
}

BOOST_AUTO_TEST_CASE(a_histogram_covers_what_is_finite) {
  const Histogram equal = histogram_of(list({2, 2, 2}));
  BOOST_TEST((equal.low == 2 && equal.high == 2 && equal.n == 3 && equal.counts[0] == 3));
  const Histogram none = histogram_of(list({std::nan(""), INFINITY}));
  BOOST_TEST((std::isnan(none.low) && std::isnan(none.high) && none.n == 0));
  const Histogram wide = histogram_of(list({-1.7e308, 1.7e308, 0}));
  BOOST_TEST((wide.n == 3 && wide.counts[0] == 1 && wide.counts[20] == 1 && wide.counts[39] == 1));
}

BOOST_AUTO_TEST_CASE(what_is_undefined_is_null_and_no_point_of_a_curve) {
  const Scratch scratch;
  MetricsLog log(scratch.folder);
  log.name_classes({"fear", "anger"});
  record(log, Section::epoch_end, "noise.recall", NumericArray::number(std::nan("")));
  BOOST_TEST(last_line(log, scratch.folder)["noise.recall"].is_null());
  BOOST_TEST(!has(events_of(scratch.folder), "noise/recall"));
  record(log, Section::epoch_end, "pseudo.accuracy", list({0.5, std::nan("")}));
  BOOST_TEST(last_line(log, scratch.folder)["pseudo.accuracy"] == nlohmann::json::parse("[0.5, null]"));
  const std::string events = events_of(scratch.folder);
  BOOST_TEST(has(events, "pseudo/accuracy/fear"));
  BOOST_TEST(!has(events, "pseudo/accuracy/anger"));
  // Of another number than the classes.
  record(log, Section::epoch_end, "mixture.weight", list({1, 2, 3}));
  log.flush();
  BOOST_TEST(!has(events_of(scratch.folder), "mixture/weight"));
  record(log, Section::epoch_end, "noise.recall", NumericArray::number(0.25));
  record(log, Section::epoch_end, "noise.recall", NumericArray::number(0.125));
  BOOST_TEST(log.best_of("noise.recall").value() == 0.25);
  BOOST_TEST(!log.best_of("pseudo.accuracy"));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_tells_what_was_reached) {
  const Scratch scratch;
  MetricsLog log(scratch.folder);
  for (const double accuracy : {0.1, 0.9, 0.5, 0.5, 0.5, 0.5})
    record(log, Section::epoch_end, "test.accuracy", NumericArray::number(accuracy));
  BOOST_TEST(results_text(log, {}) == "test.accuracy: best 90.00 %, last 50.00 %, mean of the last 5 epochs 58.00 %\n");
  for (const auto& [name, value] : {std::pair("test.mean_recall", 0.45), std::pair("test.macro_f1", 0.4),
                                    std::pair("test.calibration_error", 0.123), std::pair("pseudo.share_all", 0.25),
                                    std::pair("pseudo.accuracy_all", std::nan("")), std::pair("noise.flagged", 0.3),
                                    std::pair("noise.precision", 0.8), std::pair("noise.recall", 0.75)})
    record(log, Section::epoch_end, name, NumericArray::number(value));
  record(log, Section::epoch_end, "pseudo.share", list({0.5, 0}));
  record(log, Section::epoch_end, "pseudo.accuracy", list({1, std::nan("")}));
  for (const auto& [name, size] : {std::pair("subset.clean", 10), std::pair("subset.noisy", 5)})
    record(log, Section::epoch_start, name, NumericArray::number(size));
  BOOST_TEST(results_text(log, {"surprise", "fear"}) ==
             "test.accuracy: best 90.00 %, last 50.00 %, mean of the last 5 epochs 58.00 %\n"
             "last test: mean recall 45.0 %, macro F1 40.0 %, calibration error (ECE) 12.3 %\n"
             "pseudo-labels: 25.0 % of the guesses used, – of these right\n"
             "  %        surpri   fear\n"
             "  used       50.0    0.0\n"
             "  right     100.0      –\n"
             "wrong labels: 30.0 % of the labels flagged, precision 80.0 %, recall 75.0 %\n"
             "subsets: clean 10, noisy 5 samples\n");
}

BOOST_AUTO_TEST_SUITE_END()
