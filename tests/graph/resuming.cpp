// A run that goes on from any of its positions ends as one that was never disturbed.
#include <boost/test/unit_test.hpp>

#include "graph/run.hpp"
#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(resuming)

namespace {

struct Moment {
  RunPosition position;
  Blobs cell;
  std::size_t values = 0;  // recorded before it
};

// Everything that was recorded, and where the run stood after each step and each epoch.
struct Log : RunObserver {
  std::vector<std::string> values;
  std::vector<Moment> moments;
  Run* run = nullptr;
  void recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& recorded) override {
    for (const RecordedValue& value : recorded)
      values.push_back(std::string(section_name(section)) + " " + std::to_string(clock.iteration) + " " + *value.name +
                       " " + std::to_string(value.numbers()->at(0)));
  }
  void step_done(const Clock&) override { keep(); }
  void epoch_done(const Clock&) override { keep(); }

 private:
  void keep() { moments.push_back({run->position(), run->state("cell")->save(), values.size()}); }
};

void train(const std::string& yaml, Log& log, const Moment* from = nullptr, int threads = 2) {
  RunOptions options;
  options.threads = threads;
  options.observer = &log;
  if (from) options.start = from->position;
  Run run(toy::checked(yaml, toy::registry()), options);
  log.run = &run;
  if (from) run.state("cell")->restore(from->cell);
  run.train();
}

// A shuffled stream whose samples draw, another that is read in order, a state, draws of the step, both epoch sections.
std::string yaml_of(const std::string& source, const std::string& batch) {
  return R"(
pipeline: p
params: {epochs: 4, steps: 3}
state:
  cell: {kind: cell, init: 1}
streams:
  mixed:
    source: {node: count, )" +
         source + R"(}
    moved: {node: jitter, x: source.value}
    batch: {node: batch, )" +
         batch + R"(, items: {moved: moved.value}}
  plain:
    source: {node: count, samples: 5}
    batch: {node: batch, size: 2, order: sequential, items: {v: source.value}}
epoch_start:
  all: {node: mean_of_all, values: mixed.moved}
step:
  before: {node: get, cell: cell}
  a: {node: mean, values: mixed.moved}
  b: {node: mean, values: plain.v}
  drawn: {node: draw}
  sum: {node: sum, terms: [before.value, a.value, b.value, drawn.value]}
  store: {node: put, x: sum.value, cell: cell}
epoch_end:
  end: {node: get, cell: cell}
records: {a: a.value, b: b.value, sum: sum.value, all: all.value, end: end.value}
)";
}

void same_from_every_position(const std::string& yaml) {
  Log whole;
  train(yaml, whole);
  BOOST_REQUIRE_EQUAL(whole.moments.size(), 4 * 3 + 4);
  for (const Moment& moment : whole.moments)
    for (const int threads : {1, 3})
      BOOST_TEST_CONTEXT("epoch " << moment.position.epoch << ", step " << moment.position.step << ", " << threads
                                  << " threads") {
        Log rest;
        train(yaml, rest, &moment, threads);
        const std::vector<std::string> wanted(whole.values.begin() + static_cast<std::ptrdiff_t>(moment.values),
                                              whole.values.end());
        BOOST_TEST(rest.values == wanted, boost::test_tools::per_element());
        if (!rest.moments.empty())
          BOOST_TEST((rest.moments.back().cell.at("value").bytes == whole.moments.back().cell.at("value").bytes));
      }
}

}  // namespace

BOOST_AUTO_TEST_CASE(from_the_middle_of_a_pass) { same_from_every_position(yaml_of("samples: 10", "size: 4")); }

BOOST_AUTO_TEST_CASE(where_a_batch_ends_with_its_pass) { same_from_every_position(yaml_of("samples: 12", "size: 4")); }

BOOST_AUTO_TEST_CASE(with_last_batches_that_are_not_full) {
  same_from_every_position(yaml_of("samples: 10", "size: 4, last: keep"));
}

BOOST_AUTO_TEST_CASE(with_voids_at_the_ends_of_passes) {
  for (const std::string batch : {"size: 3", "size: 3, last: keep", "size: 2"})
    same_from_every_position(yaml_of("samples: 9, void_at: [0, 4, 7, 8]", batch));
}

BOOST_AUTO_TEST_CASE(with_batches_that_reach_over_passes) {
  same_from_every_position(yaml_of("samples: 3, void_at: [1]", "size: 5"));
}

BOOST_AUTO_TEST_CASE(a_run_that_is_over_does_nothing) {
  Log whole;
  const std::string yaml = yaml_of("samples: 10", "size: 4");
  train(yaml, whole);
  BOOST_TEST(whole.moments.back().position.epoch == 5);
  Log rest;
  train(yaml, rest, &whole.moments.back());
  BOOST_TEST(rest.values.empty());
}

BOOST_AUTO_TEST_SUITE_END()
