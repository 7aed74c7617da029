// The edges that values and states give, and nothing more.
#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(plan)

namespace {

Pipeline plan_of(const std::string& state, const std::string& step) {
  return toy::checked("pipeline: p\nparams: {epochs: 1, steps: 1}\nstate: " + state + "\nstep:\n" + step,
                      toy::registry());
}

// "a b>a c>a,b": every node with those that it waits for.
std::string edges(const Pipeline& pipeline) {
  const auto& nodes = pipeline.section(Section::step).nodes;
  std::string text;
  for (const NodePlan& node : nodes) {
    text += (text.empty() ? "" : " ") + node.name;
    for (std::size_t i = 0; i < node.after.size(); ++i)
      text += (i == 0 ? ">" : ",") + nodes[static_cast<std::size_t>(node.after[i])].name;
  }
  return text;
}

using Reach = std::vector<std::vector<bool>>;

// Which nodes surely run before which, without the edge left -> right where these are given.
Reach reach(const std::vector<NodePlan>& nodes, int left = -1, int right = -1) {
  Reach before(nodes.size(), std::vector<bool>(nodes.size(), false));
  for (std::size_t j = 0; j < nodes.size(); ++j)
    for (const int edge : nodes[j].after) {
      if (edge == left && static_cast<int>(j) == right) continue;
      const auto i = static_cast<std::size_t>(edge);
      before[j][i] = true;
      for (std::size_t k = 0; k < i; ++k)
        if (before[i][k]) before[j][k] = true;
    }
  return before;
}

// What a node touches, told by the bindings alone.
std::map<int, Access> touched(const NodePlan& node, const Pipeline& pipeline) {
  std::map<int, Access> all;
  std::function<void(int, Access)> touch = [&](int state, Access access) {
    const auto [at, is_new] = all.try_emplace(state, access);
    if (access == Access::write) {
      at->second = access;
      for (const int owned : pipeline.states[static_cast<std::size_t>(state)].owned) touch(owned, access);
    }
    (void)is_new;
  };
  for (const StateBinding& binding : node.states)
    for (const int state : binding.states) touch(state, binding.access);
  return all;
}

bool conflict(const NodePlan& first, const NodePlan& second, int first_index, const Pipeline& pipeline) {
  for (const InputBinding& input : second.inputs)
    for (const ValueSource& source : input.sources)
      if (source.node == first_index) return true;
  const auto a = touched(first, pipeline);
  for (const auto& [state, access] : touched(second, pipeline)) {
    const auto found = a.find(state);
    if (found != a.end() && (access == Access::write || found->second == Access::write)) return true;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_give_edges_and_shorter_ways_none) {
  BOOST_TEST(
      edges(plan_of("{}",
                    "  a: {node: constant}\n  b: {node: add, x: a.value}\n  c: {node: sum, terms: [a.value, b.value]}\n"
                    "  d: {node: constant}\n  e: {node: sum, terms: [d.value, c.value, a.value]}\n")) ==
      "a b>a c>b d e>c,d");
}

BOOST_AUTO_TEST_CASE(readers_share_and_a_writer_is_alone) {
  BOOST_TEST(
      edges(plan_of("{c: {kind: cell}}",
                    "  r: {node: get, cell: c}\n  s: {node: get, cell: c}\n  w: {node: put, x: r.value, cell: c}\n"
                    "  t: {node: get, cell: c}\n  u: {node: get, cell: c}\n  v: {node: put, x: t.value, cell: c}\n"
                    "  x: {node: get, cell: c}\n")) == "r s w>r,s t>w u>w v>t,u x>v");
}

BOOST_AUTO_TEST_CASE(writers_follow_each_other_in_file_order) {
  BOOST_TEST(edges(plan_of("{c: {kind: cell}}",
                           "  a: {node: touch, cell: c, mode: change}\n  b: {node: touch, cell: c, mode: change}\n"
                           "  d: {node: touch, cell: c, mode: change}\n")) == "a b>a d>b");
}

BOOST_AUTO_TEST_CASE(states_do_not_disturb_each_other) {
  BOOST_TEST(edges(plan_of("{c: {kind: cell}, d: {kind: cell}}",
                           "  a: {node: touch, cell: c, mode: change}\n  b: {node: touch, cell: d, mode: change}\n")) ==
             "a b");
}

BOOST_AUTO_TEST_CASE(access_follows_the_parameters) {
  BOOST_TEST(edges(plan_of("{c: {kind: cell}}",
                           "  a: {node: touch, cell: c}\n  b: {node: touch, cell: c, mode: look}\n"
                           "  d: {node: touch, cell: c, mode: change}\n")) == "a b d>a,b");
}

BOOST_AUTO_TEST_CASE(who_writes_a_state_writes_what_it_owns) {
  const std::string state = "{n: {kind: cell}, o: {kind: cell, of: n}, p: {kind: cell, of: [o]}}";
  BOOST_TEST(
      edges(plan_of(
          state,
          "  r: {node: get, cell: n}\n  w: {node: touch, cell: o, mode: change}\n  s: {node: get, cell: n}\n")) ==
      "r w>r s>w");
  // Reading the owner touches nothing that it owns; owning goes on.
  BOOST_TEST(edges(plan_of(state,
                           "  l: {node: get, cell: o}\n  w: {node: touch, cell: n, mode: change}\n  v: {node: touch, "
                           "cell: p, mode: change}\n")) == "l w v>l,w");
}

BOOST_AUTO_TEST_CASE(a_node_that_reads_and_writes_one_state_writes_it) {
  BOOST_TEST(
      edges(plan_of("{c: {kind: cell}, d: {kind: cell}}",
                    "  x: {node: constant}\n  w: {node: put, x: x.value, cell: [c, d, c]}\n  r: {node: get, cell: c}\n"
                    "  s: {node: get, cell: d}\n")) == "x w>x r>w s>w");
}

BOOST_AUTO_TEST_CASE(conflicting_nodes_have_a_path_and_no_edge_is_redundant) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(11, 1, seed);
    std::string step = "  n0: {node: constant}\n";
    const std::int64_t count = 5 + random.below(20);
    const auto above = [&](std::int64_t i) {
      // Of the values above: those of the nodes whose number is a multiple of 3 are surely there.
      return "n" + std::to_string(3 * random.below((i + 2) / 3)) + ".value";
    };
    const auto cell = [&] { return std::string(1, "abcd"[random.below(4)]); };
    for (std::int64_t i = 1; i < count; ++i) {
      step += "  n" + std::to_string(i);
      if (i % 3 == 0)
        step += random.chance(0.5) ? ": {node: sum, terms: [" + above(i) + ", " + above(i) + "]}\n"
                                   : ": {node: get, cell: " + cell() + "}\n";
      else if (random.chance(0.5))
        step += ": {node: put, x: " + above(i) + ", cell: [" + cell() + ", " + cell() + "]}\n";
      else
        step += ": {node: touch, cell: " + cell() + ", mode: " + (random.chance(0.5) ? "look" : "change") + "}\n";
    }
    const Pipeline pipeline =
        plan_of("{a: {kind: cell}, b: {kind: cell, of: a}, c: {kind: cell}, d: {kind: cell, of: [b, c]}}", step);
    const auto& nodes = pipeline.section(Section::step).nodes;
    const Reach before = reach(nodes);
    for (std::size_t j = 0; j < nodes.size(); ++j) {
      for (std::size_t i = 0; i < j; ++i)
        if (conflict(nodes[i], nodes[j], static_cast<int>(i), pipeline))
          BOOST_REQUIRE_MESSAGE(before[j][i], "seed " << seed << ": " << nodes[i].name << " and " << nodes[j].name
                                                      << " in\n"
                                                      << step);
      for (const int edge : nodes[j].after) {
        BOOST_REQUIRE(edge < static_cast<int>(j));
        BOOST_REQUIRE_MESSAGE(conflict(nodes[static_cast<std::size_t>(edge)], nodes[j], edge, pipeline),
                              "an edge without a reason in\n"
                                  << step);
        const Reach without = reach(nodes, edge, static_cast<int>(j));
        BOOST_REQUIRE_MESSAGE(!without[j][static_cast<std::size_t>(edge)], "a redundant edge in\n" << step);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
