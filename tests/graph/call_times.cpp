// How often each node was called in a run, and what that took.
#include "graph/call_times.hpp"

#include <boost/test/unit_test.hpp>

#include "graph/run.hpp"
#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(call_times)

BOOST_AUTO_TEST_CASE(every_call_of_every_node_is_counted) {
  for (const int lanes : {1, 2}) {
    RunOptions options;
    options.threads = 2;
    options.lanes = lanes;
    Run run(toy::checked(R"(
pipeline: p
params: {epochs: 2, steps: 3}
streams:
  numbers:
    source: {node: count, samples: 8}
    more: {node: add, x: source.value}
    batch: {node: batch, size: 4, items: {v: more.value}}
step:
  always: {node: mean, values: numbers.v}
  seldom: {node: mean, values: numbers.v, when: step == 2}
epoch_end:
  all: {node: mean_of_all, values: numbers.v}
)",
                         toy::registry()),
            options);
    run.train();
    std::map<std::string, NodeTime> by_name;
    for (const NodeTime& each : run.node_times()) by_name[each.node] = each;
    BOOST_TEST(by_name.size() == 5u);
    BOOST_TEST(by_name.at("step.always").calls == 6);
    BOOST_TEST(by_name.at("step.always").kind == "mean");
    BOOST_TEST(by_name.at("step.seldom").calls == 2);
    BOOST_TEST(by_name.at("epoch_end.all").calls == 2);
    // Six batches of the step and two passes, and what was made ahead of the steps.
    BOOST_TEST(by_name.at("streams.numbers.more").calls >= 6 * 4 + 2 * 8);
    BOOST_TEST(by_name.at("streams.numbers.more").calls == by_name.at("streams.numbers.source").calls);
    for (const auto& [name, each] : by_name) BOOST_TEST(each.seconds > 0);
    BOOST_TEST(run.times().waiting_for.at("numbers") <= run.times().waiting_for_data);
  }
}

BOOST_AUTO_TEST_CASE(calls_of_several_threads_add_up) {
  CallTimes times;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) times.add(std::chrono::microseconds(2));
      });
  }
  BOOST_TEST(times.calls() == 4000);
  BOOST_TEST(times.seconds() == 0.008, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()
