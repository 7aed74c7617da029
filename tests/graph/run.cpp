// Whole runs of small pipelines: what a file means, whatever the number of threads and lanes.
#include "graph/run.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(run)

namespace {

struct Log : RunObserver {
  std::vector<std::string> lines;
  std::map<std::string, std::vector<double>> values;
  std::vector<VoidSample> voids;
  void recorded(Section, const Clock&, const std::vector<RecordedValue>& recorded) override {
    for (const RecordedValue& value : recorded) {
      const auto numbers = value.numbers();
      for (std::size_t i = 0; i < numbers->size(); ++i) values[*value.name].push_back(numbers->at(i));
    }
  }
  void void_sample(const VoidSample& sample) override { voids.push_back(sample); }
};

Log trained(const std::string& yaml, RunOptions options = {}) {
  Log log;
  options.observer = &log;
  Run run(toy::checked(yaml, toy::registry()), options);
  run.train();
  return log;
}

const std::string stream = R"(
streams:
  numbers:
    source: {node: count, samples: 10}
    moved: {node: jitter, x: source.value}
    batch: {node: batch, size: 4, items: {plain: source.value, moved: moved.value}}
)";

}  // namespace

BOOST_AUTO_TEST_CASE(a_state_carries_values_between_steps_in_file_order) {
  const Log log = trained(R"(
pipeline: p
params: {epochs: 2, steps: 3}
state:
  cell: {kind: cell, init: 1}
step:
  before: {node: get, cell: cell}
  more: {node: add, x: before.value, amount: iteration}
  store: {node: put, x: more.value, cell: cell}
  after: {node: get, cell: cell}
records: {before: before.value, after: after.value, cell: cell}
)");
  BOOST_TEST(log.values.at("before") == (std::vector<double>{1, 2, 4, 7, 11, 16}), boost::test_tools::per_element());
  BOOST_TEST(log.values.at("after") == (std::vector<double>{2, 4, 7, 11, 16, 22}), boost::test_tools::per_element());
  // A state's record is taken in the epoch sections: at the start and the end of each epoch.
  BOOST_TEST(log.values.at("cell") == (std::vector<double>{1, 7, 7, 22}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(batches_are_the_same_for_any_number_of_threads) {
  const std::string yaml = "pipeline: p\nparams: {epochs: 3, steps: numbers}\n" + stream + R"(
step:
  a: {node: mean, values: numbers.moved}
  b: {node: mean, values: numbers.plain}
records: {a: a.value, b: b.value}
)";
  const Log one = trained(yaml, {.threads = 1});
  BOOST_TEST(one.values.at("a").size() == 6u);
  for (const int threads : {2, 4}) {
    const Log more = trained(yaml, {.threads = threads});
    BOOST_TEST(one.values.at("a") == more.values.at("a"), boost::test_tools::per_element());
    BOOST_TEST(one.values.at("b") == more.values.at("b"), boost::test_tools::per_element());
  }
  const Log other = trained(yaml, {.seed = 2});
  BOOST_TEST(one.values.at("b") != other.values.at("b"));
}

BOOST_AUTO_TEST_CASE(an_epoch_is_one_pass_over_the_stream_that_needs_more_steps) {
  const std::string streams = stream + R"(
  more:
    source: {node: count, samples: 10}
    batch: {node: batch, size: 2, items: {plain: source.value}}
)";
  const auto steps = [&](const std::string& named) {
    Run run(toy::checked("pipeline: p\nparams: {epochs: 1, steps: " + named + "}\n" + streams + R"(
step:
  a: {node: mean, values: numbers.plain}
  b: {node: mean, values: more.plain}
)",
                         toy::registry()),
            {});
    return run.steps_per_epoch();
  };
  BOOST_TEST(steps("more") == 5);
  BOOST_TEST(steps("[numbers]") == steps("numbers"));
  BOOST_TEST(steps("[numbers, more]") == 5);
  BOOST_TEST(steps("[more, numbers]") == 5);
}

BOOST_AUTO_TEST_CASE(lanes_do_not_change_what_a_file_means) {
  const std::string yaml = R"(
pipeline: p
params: {epochs: 1, steps: 50}
state:
  a: {kind: cell}
  b: {kind: cell}
step:
  x: {node: draw}
  y: {node: draw}
  get_a: {node: get, cell: a}
  get_b: {node: get, cell: b}
  sum_a: {node: sum, terms: [x.value, get_a.value]}
  sum_b: {node: sum, terms: [y.value, get_b.value]}
  put_a: {node: put, x: sum_a.value, cell: a}
  put_b: {node: put, x: sum_b.value, cell: b}
  both: {node: sum, terms: [sum_a.value, sum_b.value]}
records: {both: both.value}
)";
  const Log one = trained(yaml);
  for (const int lanes : {2, 4})
    BOOST_TEST(one.values.at("both") == trained(yaml, {.lanes = lanes}).values.at("both"),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(absence_flows_from_when) {
  const Log log = trained(R"(
pipeline: p
params: {epochs: 4, steps: 1, start: 3}
step:
  always: {node: constant, value: 1}
  late: {node: constant, value: 10, when: epoch >= start}
  depends: {node: add, x: late.value}
  optional: {node: sum, terms: always.value, extra: depends.value}
  total: {node: blend, terms: {always.value: 0.5, depends.value: epoch}}
  none: {node: blend, terms: {depends.value: 1}}
records: {depends: depends.value, optional: optional.value, total: total.value, none: none.value}
)");
  BOOST_TEST(log.values.at("depends") == (std::vector<double>{11, 11}), boost::test_tools::per_element());
  BOOST_TEST(log.values.at("optional") == (std::vector<double>{1, 1, 12, 12}), boost::test_tools::per_element());
  BOOST_TEST(log.values.at("total") == (std::vector<double>{0.5, 0.5, 33.5, 44.5}), boost::test_tools::per_element());
  BOOST_TEST(log.values.at("none") == (std::vector<double>{11, 11}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pass_reads_a_whole_stream_in_order_beside_the_steps) {
  const std::string yaml = "pipeline: p\nparams: {epochs: 2, steps: 5}\n" + stream + R"(
step:
  a: {node: mean, values: numbers.plain}
epoch_end:
  all: {node: mean_of_all, values: numbers.plain}
  full: {node: mean_of_all, values: numbers.plain, keep: false}
  moved: {node: mean_of_all, values: numbers.moved}
records: {all: all.all, full: full.all, moved: moved.value}
)";
  const Log log = trained(yaml);
  BOOST_TEST(log.values.at("all") == (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
             boost::test_tools::per_element());
  BOOST_TEST(log.values.at("full").size() == 16u);
  // Two passes over one sample differ.
  BOOST_TEST(log.values.at("moved")[0] != log.values.at("moved")[1]);
}

BOOST_AUTO_TEST_CASE(the_end_of_an_epoch_can_be_measured_alone) {
  Log log;
  RunOptions options;
  options.observer = &log;
  // Neither a step nor epochs of its own.
  Run run(toy::checked("pipeline: p\nparams: {}\nstate: {cell: {kind: cell, init: 3}}\n" + stream + R"(
epoch_start:
  never: {node: constant, value: 1}
epoch_end:
  all: {node: mean_of_all, values: numbers.plain}
  held: {node: get, cell: cell}
  late: {node: constant, value: epoch/epochs, when: epoch > 3}
records: {never: never.value, all: all.all, held: held.value, late: late.value}
)",
                       toy::registry()),
          options);
  run.measure({3, 8, 5, 5, 15});
  BOOST_TEST(!log.values.contains("never"));
  BOOST_TEST(!log.values.contains("late"));
  BOOST_TEST(log.values.at("held") == (std::vector<double>{3}), boost::test_tools::per_element());
  BOOST_TEST(log.values.at("all") == (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
             boost::test_tools::per_element());
  run.measure({4, 8, 5, 5, 20});
  BOOST_TEST(log.values.at("late") == (std::vector<double>{0.5}), boost::test_tools::per_element());
  BOOST_TEST(log.values.at("all").size() == 20U);
}

BOOST_AUTO_TEST_CASE(voids_are_skipped_and_reported_in_order) {
  const Log log = trained(R"(
pipeline: p
params: {epochs: 1, steps: 4}
streams:
  numbers:
    source: {node: count, samples: 6, void_at: [1, 4]}
    batch: {node: batch, size: 2, order: sequential, items: {plain: source.value}}
step:
  a: {node: mean, values: numbers.plain}
records: {a: a.value}
)",
                          {.threads = 4});
  BOOST_TEST(log.values.at("a") == (std::vector<double>{1, 4, 1, 4}), boost::test_tools::per_element());
  BOOST_TEST(log.voids.size() >= 4u);
  BOOST_TEST(log.voids[0].name == "number-1");
  BOOST_TEST(log.voids[1].name == "number-4");
  BOOST_TEST(log.voids[0].reason == "void on purpose");
}

BOOST_AUTO_TEST_SUITE_END()
