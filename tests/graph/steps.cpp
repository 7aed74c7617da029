// Sections: failures, conditions, supplied values, and lanes that change nothing but the time.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "graph/run.hpp"
#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(steps)

namespace {

struct Log : RunObserver {
  std::map<std::string, std::vector<double>> values;
  void recorded(Section, const Clock&, const std::vector<RecordedValue>& recorded) override {
    for (const RecordedValue& value : recorded) {
      const auto numbers = value.numbers();
      for (std::size_t i = 0; i < numbers->size(); ++i) values[*value.name].push_back(numbers->at(i));
    }
  }
};

Log trained(const std::string& yaml, RunOptions options = {}) {
  Log log;
  options.observer = &log;
  Run run(toy::checked(yaml, toy::registry()), options);
  run.train();
  return log;
}

std::string failure_of(const std::string& yaml, RunOptions options) {
  try {
    trained(yaml, options);
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

const std::string head = "pipeline: p\nparams: {epochs: 1, steps: 3}\n";

// A section made ready without a run.
struct Bench {
  Bench(const std::string& yaml, int lanes, Supply supply = {}) : pipeline(toy::checked(yaml, toy::registry())) {
    const SectionPlan& plan = pipeline.section(Section::step);
    std::vector<PreparedNode> nodes;
    for (const NodePlan& node : plan.nodes)
      nodes.push_back({&node, node.type->prepare(node.parameters.get(), {}),
                       std::make_shared<Box>(*node.type->state_struct), name_hash(node.qualified)});
    SectionEnvironment environment;
    environment.lanes = lanes;
    environment.supply = std::move(supply);
    run.emplace(plan, std::move(nodes), environment);
  }
  void fire(std::int64_t step) { run->fire({1, 1, step, 100, step}, nullptr); }
  std::optional<double> value(const std::string& node, int output = 0, int part = -1) const {
    const auto& nodes = pipeline.section(Section::step).nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes[i].name == node)
        if (const auto* real = static_cast<const toy::Real*>(run->value(static_cast<int>(i), output, part)))
          return real->value;
    return std::nullopt;
  }
  Pipeline pipeline;
  std::optional<SectionRun> run;
};

// A random graph of n nodes over three cells.
std::string random_step(std::uint64_t seed, std::int64_t count) {
  Random random(21, 1, seed);
  std::string step = "  n0: {node: draw}\n";
  std::vector<std::int64_t> values = {0};
  const auto above = [&] {
    return "n" +
           std::to_string(values[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(values.size())))]) +
           ".value";
  };
  const auto cell = [&] { return std::string(1, "abc"[random.below(3)]); };
  for (std::int64_t i = 1; i < count; ++i) {
    step += "  n" + std::to_string(i) + ": ";
    const std::int64_t kind = random.below(5);
    if (kind == 0) step += "{node: put, x: " + above() + ", cell: " + cell() + "}\n";
    if (kind == 1) step += "{node: touch, cell: " + cell() + ", mode: change}\n";
    if (kind == 2) step += "{node: get, cell: " + cell() + "}\n";
    if (kind == 3) step += "{node: add, x: " + above() + ", amount: iteration/100}\n";
    if (kind == 4)
      step += "{node: sum, terms: [" + above() + ", " + above() + "]" +
              (random.chance(0.3) ? ", when: iteration > 2*n" : "") + "}\n";
    if (kind == 2 || kind == 3 || kind == 4) values.push_back(i);
  }
  std::string records = "records: {a: a, b: b, c: c";
  for (const std::int64_t value : values)
    records += ", v" + std::to_string(value) + ": n" + std::to_string(value) + ".value";
  return "state: {a: {kind: cell}, b: {kind: cell, of: a}, c: {kind: cell, of: [a, b]}}\nstep:\n" + step + records +
         "}\n";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_failure_names_place_node_and_clock) {
  const std::string yaml = head +
                           "step:\n  a: {node: constant}\n  bad: {node: fail, x: a.value, when: step == 2}\n  c: "
                           "{node: add, x: bad.value}\n";
  for (const int lanes : {1, 2, 4})
    BOOST_TEST(failure_of(yaml, {.lanes = lanes}) ==
               "test.yaml:5:3: error: step.bad (fail) failed at epoch 1, step 2: broken on purpose");
  BOOST_TEST(failure_of(head + "step:\n  a: {node: constant}\nepoch_end:\n  bad: {node: fail}\n", {}) ==
             "test.yaml:6:3: error: epoch_end.bad (fail) failed at epoch 1, epoch_end: broken on purpose");
}

BOOST_AUTO_TEST_CASE(whatever_a_node_throws_is_told) {
  toy::Hook::all()["odd"] = [](const Context&) { throw 42; };
  toy::Hook::all()["void"] = [](const Context&) { throw Void{"nothing there"}; };
  for (const int lanes : {1, 2}) {
    const auto yaml = [](const std::string& name) {
      return head + "step:\n  a: {node: constant}\n  h: {node: hook, x: a.value, name: " + name + "}\n";
    };
    BOOST_TEST(
        failure_of(yaml("odd"), {.lanes = lanes}) ==
        "test.yaml:5:3: error: step.h (hook) failed at epoch 1, step 1: it threw something that is no std::exception.");
    BOOST_TEST(failure_of(yaml("void"), {.lanes = lanes}) ==
               "test.yaml:5:3: error: step.h (hook) failed at epoch 1, step 1: nothing there");
  }
}

BOOST_AUTO_TEST_CASE(a_section_fires_again_after_a_failure) {
  for (const int lanes : {1, 2}) {
    bool broken = true;
    toy::Hook::all()["sometimes"] = [&](const Context&) {
      if (broken) throw std::runtime_error("broken on purpose");
    };
    // The list of `sum` is gathered before `hook` fails above it, and that of `hook` before it throws.
    Bench section(
        head +
            "step:\n  a: {node: constant, value: step}\n  s: {node: sum, terms: [a.value, a.value], extra: a.value}\n"
            "  h: {node: hook, x: s.value, name: sometimes}\n  t: {node: sum, terms: [h.value, s.value]}\n",
        lanes);
    for (int i = 0; i < 3; ++i) BOOST_CHECK_THROW(section.fire(1), RunError);
    broken = false;
    section.fire(2);
    BOOST_TEST(*section.value("s") == 6);
    BOOST_TEST(*section.value("t") == 12);
  }
}

BOOST_AUTO_TEST_CASE(inputs_of_a_failed_call_do_not_leak_into_the_next) {
  // `blend` has a weight that is not finite in the first firing, after its first term was gathered.
  Bench section(head +
                    "step:\n  a: {node: constant, value: 1}\n  b: {node: blend, terms: {a.value: 1/(step-1)}}\n"
                    "  c: {node: sum, terms: [a.value, b.value]}\n",
                1);
  BOOST_CHECK_THROW(section.fire(1), RunError);
  section.fire(2);
  BOOST_TEST(*section.value("b") == 1);
  BOOST_TEST(*section.value("c") == 2);
}

BOOST_AUTO_TEST_CASE(a_formula_that_is_not_finite_at_some_clock_fails_there) {
  BOOST_TEST(failure_of(head + "step:\n  a: {node: constant, value: 1/(step-2)}\n", {}) ==
             "test.yaml:4:30: error: The formula '1/(step-2)' is not finite at epoch 1, step 2. Bound it, for example "
             "with max(x, low) under a division.");
  // A ramp over the run has a value at every clock, though none at a clock of ones.
  const Log log = trained(
      "pipeline: p\nparams: {epochs: 3, steps: 1}\nstep:\n  a: {node: constant, value: (epoch-1)/(epochs-1)}\nrecords: "
      "{a: a.value}\n");
  BOOST_TEST(log.values.at("a") == (std::vector<double>{0, 0.5, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(limits_hold_for_formulas_at_every_clock) {
  BOOST_TEST(
      failure_of("pipeline: p\nparams: {epochs: 2, steps: 1}\nstep:\n  a: {node: limited, rate: 1-epoch/epochs}\n",
                 {}) == "test.yaml:4:28: error: 'rate' must be above 0, but it is 0 at epoch 2, step 1.");
}

BOOST_AUTO_TEST_CASE(states_are_made_with_their_formulas_at_the_start_and_follow_the_clock) {
  toy::Cell* cell = nullptr;
  Run run(toy::checked("pipeline: p\nparams: {epochs: 4, steps: 1}\nstate:\n  c: {kind: cell, init: "
                       "10*epochs+epoch}\nstep:\n  a: {node: get, cell: c}\n",
                       toy::registry()),
          {});
  cell = dynamic_cast<toy::Cell*>(run.state("c"));
  BOOST_REQUIRE(cell != nullptr);
  BOOST_TEST(cell->value == 41);
  run.train();
  BOOST_TEST(cell->current_init() == 44);
  BOOST_TEST(run.state("d") == nullptr);
}

BOOST_AUTO_TEST_CASE(conditions_follow_the_clock_in_all_lanes) {
  const std::string yaml =
      "pipeline: p\nparams: {epochs: 4, steps: 2}\nstep:\n  a: {node: constant, value: iteration, when: epoch % 2 == "
      "0}\n"
      "  b: {node: add, x: a.value}\n  c: {node: constant, value: step}\nrecords: {b: b.value, c: c.value}\n";
  if (!toy::problems_of(yaml).empty()) return;  // muParser without a modulo
  for (const int lanes : {1, 2})
    BOOST_TEST(trained(yaml, {.lanes = lanes}).values.at("b") == (std::vector<double>{4, 5, 8, 9}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(parts_are_read_one_by_one) {
  const Log log = trained(head +
                          "step:\n  a: {node: constant, value: 3}\n  b: {node: constant, value: 4}\n"
                          "  s: {node: sum, terms: [a.value, b.value]}\n  m: {node: mean, values: 's.all[1]'}\n"
                          "records: {first: 's.all[0]', all: s.all, m: m.value}\n");
  BOOST_TEST(log.values.at("first").front() == 3);
  BOOST_TEST(log.values.at("m").front() == 4);
  BOOST_TEST(log.values.at("all").size() == 6u);
}

BOOST_AUTO_TEST_CASE(supplied_values_stand_in_for_a_call) {
  for (const int lanes : {1, 2}) {
    Bench section(head + "step:\n  a: {node: fail}\n  b: {node: add, x: a.value}\n", lanes,
                  [](const NodePlan& node, const Clock& clock, void* out) {
                    if (node.name != "a") return false;
                    static_cast<toy::Fail::Out*>(out)->value.value = static_cast<double>(clock.step);
                    return true;
                  });
    section.fire(5);
    BOOST_TEST(*section.value("b") == 6);
    section.run->reset();
    BOOST_TEST(!section.value("b").has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_graph_of_thirty_nodes_is_the_same_in_two_lanes) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const std::string yaml = "pipeline: p\nparams: {epochs: 1, steps: 500, n: 50}\n" + random_step(seed, 30);
    const Log one = trained(yaml, {.lanes = 1});
    const Log two = trained(yaml, {.lanes = 2});
    BOOST_TEST_CONTEXT(yaml) { BOOST_TEST((one.values == two.values)); }
  }
}

BOOST_AUTO_TEST_CASE(two_lanes_run_independent_nodes_at_once_and_one_lane_makes_progress) {
  // Each of the two waits for the other to begin; one lane would never end, so there only the first waits for nothing.
  std::atomic<int> inside{0};
  std::atomic<bool> together{true};
  toy::Hook::all()["meets"] = [&](const Context&) {
    ++inside;
    if (together)
      while (inside < 2) std::this_thread::yield();
  };
  const std::string yaml = head +
                           "step:\n  a: {node: constant}\n  b: {node: hook, x: a.value, name: meets}\n  c: {node: "
                           "hook, x: a.value, name: meets}\n";
  BOOST_TEST(failure_of(yaml, {.lanes = 2}) == "");
  together = false;
  BOOST_TEST(failure_of(yaml, {.threads = 1, .lanes = 1}) == "");
}

BOOST_AUTO_TEST_CASE(draws_are_keyed_by_node_and_iteration) {
  const std::string yaml =
      "pipeline: p\nparams: {epochs: 2, steps: 3}\nstep:\n  a: {node: draw}\n  b: {node: draw}\nrecords: {a: a.value, "
      "b: b.value}\n";
  const Log log = trained(yaml, {.seed = 9});
  for (std::size_t i = 0; i < 6; ++i) {
    BOOST_TEST(log.values.at("a")[i] == Random(9, name_hash("step.a"), i + 1).uniform());
    BOOST_TEST(log.values.at("b")[i] == Random(9, name_hash("step.b"), i + 1).uniform());
  }
}

BOOST_AUTO_TEST_SUITE_END()
