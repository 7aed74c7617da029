// Numbers that are NaN or infinite: what stops, what is left out, and what the message says.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "graph/not_finite.hpp"
#include "graph/run.hpp"
#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(not_finite)

namespace {

// Gives its number on, and throws as an optimizer does where that is not finite.
struct Finite {
  struct In {
    toy::Real x;
  };
  struct Out {
    toy::Real value;
  };
  struct Params {
    bool lasting = false;
  };
  static Contract<Finite> contract() {
    return Contract<Finite>("finite", "Wants a finite number.")
        .in(&In::x, "x", "float []", "a number")
        .out(&Out::value, "value", "float []", "the number")
        .param(&Params::lasting, "lasting", "whether it throws for good");
  }
  Out run(const In& in, const Params& params) const {
    if (!std::isfinite(in.x.value)) throw NotFinite("The number is not finite.", params.lasting);
    return {in.x};
  }
};

// log(x - 2): -inf for the sample 2, in batches of one.
struct Logarithm {
  struct In {
    toy::Reals values;
  };
  struct Out {
    toy::Real value;
  };
  static Contract<Logarithm> contract() {
    return Contract<Logarithm>("logarithm", "log(x - 2).")
        .in(&In::values, "values", "float [N]", "numbers")
        .out(&Out::value, "value", "float []", "of the first");
  }
  Out run(const In& in) const { return {{std::log(std::abs(in.values.values.front() - 2))}}; }
};

struct Log : RunObserver {
  std::vector<double> values;
  std::vector<std::string> skips;
  void recorded(Section section, const Clock&, const std::vector<RecordedValue>& recorded) override {
    if (section != Section::step) return;
    for (const RecordedValue& value : recorded) values.push_back(value.numbers()->at(0));
  }
  void skipped(const std::string& text) override { skips.push_back(text); }
};

std::string file(const std::string& more, const std::string& sum_above = "") {
  return "pipeline: p\nparams: {epochs: 1, steps: 5}\n" + more + R"(
streams:
  numbers:
    source: {node: count, samples: 5}
    batch: {node: batch, size: 1, order: sequential, items: {plain: source.value}}
step:
  log: {node: logarithm, values: numbers.plain}
  shifted: {node: add, x: log.value}
)" + sum_above +
         R"(  last: {node: finite, x: shifted.value}
  behind: {node: add, x: last.value}
records: {last: last.value}
)";
}

struct Trained {
  Log log;
  std::int64_t skipped = 0;
  std::string failure;
};

Trained train(const std::string& yaml, int lanes = 1) {
  Registry registry = toy::registry();
  registry.node<Finite>();
  registry.node<Logarithm>();
  Trained out;
  RunOptions options;
  options.lanes = lanes;
  options.observer = &out.log;
  Run run(toy::checked(yaml, registry), options);
  try {
    run.train();
  } catch (const RunError& error) {
    out.failure = error.what();
  }
  out.skipped = run.skipped();
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_run_stops_and_tells_node_origin_step_and_samples) {
  for (const int lanes : {1, 3}) {
    const Trained trained = train(file(""), lanes);
    BOOST_TEST(trained.failure ==
               "test.yaml:11:3: error: step.last (finite) failed at epoch 1, step 3: The number is not finite. The "
               "first node above it whose numbers are not finite is step.log (logarithm, test.yaml:9:3) with its "
               "'value'. The samples of the batches were numbers: 2 (number-2). Lower the learning rate, bound the "
               "gradients with clip_norm, or leave such steps out with --set on_nan=skip.");
    BOOST_TEST(trained.log.values.size() == 2U);
    BOOST_TEST(trained.skipped == 0);
  }
}

BOOST_AUTO_TEST_CASE(skipping_leaves_the_call_out_and_says_so) {
  for (const int lanes : {1, 3}) {
    const Trained trained = train(file("on_nan: skip"), lanes);
    BOOST_TEST(trained.failure == "");
    BOOST_TEST(trained.log.values.size() == 4U);  // what was left out has no value
    BOOST_TEST(trained.skipped == 1);
    BOOST_REQUIRE_EQUAL(trained.log.skips.size(), 1U);
    BOOST_TEST(trained.log.skips[0].ends_with("The samples of the batches were numbers: 2 (number-2)."));
  }
}

BOOST_AUTO_TEST_CASE(what_skipping_cannot_help_stops_all_the_same) {
  std::string lasting = file("on_nan: skip");
  lasting.replace(lasting.find("{node: finite"), 13, "{node: finite, lasting: true");
  BOOST_TEST(train(lasting).failure.ends_with("Lower the learning rate or bound the gradients with clip_norm."));
  // A run that would skip for ever stops too.
  std::string every = file("on_nan: skip");
  every.replace(every.find("steps: 5"), 8, "steps: 500");
  every.replace(every.find("samples: 5"), 10, "samples: 3, void_at: [0, 1]");
  const Trained trained = train(every);
  BOOST_TEST(trained.failure.find("failed at epoch 1, step 100: ") != std::string::npos);
  BOOST_TEST(
      trained.failure.ends_with("This was step 100 in a row to be skipped, so nothing is learned any more. "
                                "Lower the learning rate."));
  BOOST_TEST(trained.skipped == 99);
}

BOOST_AUTO_TEST_CASE(the_setting_is_checked) {
  try {
    train(file("on_nan: skp"));
    BOOST_ERROR("nothing was told");
  } catch (const PipelineError& error) {
    BOOST_TEST(std::string(error.what()).find("test.yaml:3:9: error: on_nan: ") != std::string::npos);
    BOOST_TEST(std::string(error.what()).find("Did you mean 'skip'?") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
