// The facts about oneTBB that the engine relies on, pinned.
#include <tbb/flow_graph.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <memory>
#include <mutex>
#include <thread>

BOOST_AUTO_TEST_SUITE(substrate)

namespace {

// More threads than cores, so that races show on small machines too.
struct Parallelism {
  tbb::global_control control{tbb::global_control::max_allowed_parallelism, 6};
};

using Node = tbb::flow::function_node<int, tbb::flow::continue_msg>;

}  // namespace

BOOST_FIXTURE_TEST_CASE(what_is_put_in_order_into_a_serial_node_stays_in_order, Parallelism) {
  tbb::flow::graph graph;
  std::vector<int> seen;
  Node serial(graph, tbb::flow::serial, [&](int i) {
    seen.push_back(i);
    return tbb::flow::continue_msg();
  });
  std::mutex mutex;
  int next = 0;
  // Many threads put, one at a time and in order, as the streams do under their lock.
  Node putter(graph, tbb::flow::unlimited, [&](int) {
    const std::lock_guard lock(mutex);
    serial.try_put(next++);
    return tbb::flow::continue_msg();
  });
  for (int i = 0; i < 20000; ++i) putter.try_put(i);
  graph.wait_for_all();
  BOOST_REQUIRE(seen.size() == 20000u);
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end()));
}

BOOST_FIXTURE_TEST_CASE(a_graph_runs_its_bodies_in_the_arena_where_it_was_made, Parallelism) {
  tbb::task_arena arena(3, 1);
  std::unique_ptr<tbb::flow::graph> graph;
  std::unique_ptr<Node> node;
  std::atomic<int> wrong{0};
  arena.execute([&] {
    graph = std::make_unique<tbb::flow::graph>();
    node = std::make_unique<Node>(*graph, tbb::flow::unlimited, [&](int) {
      if (tbb::this_task_arena::max_concurrency() != 3) ++wrong;
      return tbb::flow::continue_msg();
    });
  });
  // Put and waited for from outside.
  for (int i = 0; i < 1000; ++i) node->try_put(i);
  graph->wait_for_all();
  BOOST_TEST(wrong == 0);
}

BOOST_FIXTURE_TEST_CASE(a_reserved_slot_lets_the_outside_in_while_all_workers_are_busy, Parallelism) {
  tbb::task_arena arena(2, 1);
  // Shared with the task, which may still leave its wait when this case has ended.
  const auto busy = std::make_shared<std::latch>(1);
  const auto release = std::make_shared<std::latch>(1);
  arena.enqueue([=] {
    busy->count_down();
    release->wait();
  });
  busy->wait();
  // The only worker's slot is taken; the caller gets in all the same, and could not release the worker otherwise.
  int slot = -1;
  arena.execute([&] { slot = tbb::this_task_arena::current_thread_index(); });
  BOOST_TEST(slot == 0);
  release->count_down();
}

BOOST_FIXTURE_TEST_CASE(a_put_from_inside_a_body_counts_before_the_body_ends, Parallelism) {
  for (int round = 0; round < 200; ++round) {
    tbb::flow::graph graph;
    std::atomic<int> done{0};
    std::unique_ptr<Node> node;
    node = std::make_unique<Node>(graph, tbb::flow::unlimited, [&](int left) {
      if (left > 0) node->try_put(left - 1);
      ++done;
      return tbb::flow::continue_msg();
    });
    node->try_put(10);
    graph.wait_for_all();
    BOOST_REQUIRE(done == 11);
  }
}

BOOST_FIXTURE_TEST_CASE(isolation_keeps_other_bodies_out_of_a_nested_loop, Parallelism) {
  tbb::flow::graph graph;
  std::atomic<int> nested{0};
  thread_local int depth = 0;
  Node node(graph, tbb::flow::unlimited, [&](int) {
    if (++depth > 1) ++nested;
    tbb::this_task_arena::isolate([] { tbb::parallel_for(0, 50, [](int) { std::this_thread::yield(); }); });
    --depth;
    return tbb::flow::continue_msg();
  });
  for (int i = 0; i < 200; ++i) node.try_put(i);
  graph.wait_for_all();
  BOOST_TEST(nested == 0);
}

BOOST_FIXTURE_TEST_CASE(a_continue_node_waits_for_all_before_it_and_fires_again, Parallelism) {
  using Step = tbb::flow::continue_node<tbb::flow::continue_msg>;
  tbb::flow::graph graph;
  tbb::flow::broadcast_node<tbb::flow::continue_msg> start(graph);
  std::atomic<int> above{0};
  int wrong = 0;
  std::vector<std::unique_ptr<Step>> nodes;
  for (int i = 0; i < 4; ++i)
    nodes.push_back(std::make_unique<Step>(graph, [&](const tbb::flow::continue_msg&) { ++above; }));
  Step last(graph, [&](const tbb::flow::continue_msg&) {
    if (above != 4) ++wrong;
    above = 0;
  });
  for (const auto& node : nodes) {
    tbb::flow::make_edge(start, *node);
    tbb::flow::make_edge(*node, last);
  }
  for (int round = 0; round < 2000; ++round) {
    start.try_put(tbb::flow::continue_msg());
    graph.wait_for_all();
  }
  BOOST_TEST(wrong == 0);
}

BOOST_FIXTURE_TEST_CASE(an_arena_of_one_slot_makes_progress, Parallelism) {
  tbb::task_arena arena(1, 1);
  int sum = 0;
  arena.execute([&] {
    tbb::flow::graph graph;
    Node node(graph, tbb::flow::unlimited, [&](int i) {
      sum += i;  // one thread, so no race
      return tbb::flow::continue_msg();
    });
    for (int i = 1; i <= 100; ++i) node.try_put(i);
    graph.wait_for_all();
  });
  BOOST_TEST(sum == 5050);
}

BOOST_AUTO_TEST_SUITE_END()
