// The files that a run records into.
#include "report/metrics.hpp"

#include "tests/cli/child.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

struct Loss {
  static constexpr std::string_view type_name = "Loss";
  double value = 0;
  NumericArray numbers() const { return NumericArray::number(value); }
};

VoidSample void_sample(std::int64_t sample) {
  return {"faces", "streams.faces.pixels", {}, sample, "a \"b\".jpg", "There is no such file."};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics)

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

BOOST_AUTO_TEST_SUITE_END()
