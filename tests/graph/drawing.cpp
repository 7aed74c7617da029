// A pipeline as DOT text.
#include "graph/drawing.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(drawing)

BOOST_AUTO_TEST_CASE(nodes_values_states_and_streams_are_drawn) {
  const std::string dot = to_dot(toy::checked(R"(pipeline: p
doc: a "quoted" doc
params: {epochs: 1, steps: 1}
state:
  c: {kind: cell}
streams:
  s:
    source: {node: count}
    more: {node: add, x: source.value}
    batch: {node: batch, size: 4, items: {v: more.value}}
step:
  m: {node: mean, values: s.v}
  w: {node: put, x: m.value, cell: c}
  r: {node: get, cell: c}
epoch_end:
  all: {node: mean_of_all, values: s.v}
)",
                                              toy::registry()));
  const auto has = [&](const std::string& text) {
    BOOST_TEST(dot.find(text) != std::string::npos, "no " << text << " in\n" << dot);
  };
  has("digraph \"p\" {");
  has("a \\\"quoted\\\" doc");
  has("subgraph \"cluster_streams.s.\"");
  has("subgraph \"cluster_step\"");
  has("subgraph \"cluster_epoch_end\"");
  has("\"streams.s.source\" -> \"streams.s.more\" [label=\"value → x\"]");
  has("\"streams.s.more\" -> \"streams.s.batch\"");
  has("\"streams.s.batch\" [label=\"batch of 4\"");
  has("\"streams.s.batch\" -> \"step.m\" [label=\"v → values\"]");
  has("\"streams.s.batch\" -> \"epoch_end.all\"");
  has("\"step.w\" -> \"state.c\"");
  has("\"state.c\" -> \"step.r\"");
  has("\"state.c\" [label=\"c\\ncell\"");
  BOOST_TEST(std::count(dot.begin(), dot.end(), '{') == std::count(dot.begin(), dot.end(), '}'));
}

BOOST_AUTO_TEST_CASE(notes_stand_below_nodes_and_styles_beside_them) {
  DrawingOptions options;
  options.title = false;
  options.notes["step.a"] = {"2 s", "heat-3"};
  const std::string dot = to_dot(toy::checked(R"(pipeline: p
doc: a doc
params: {epochs: 1, steps: 1}
state:
  c: {kind: cell}
step:
  a: {node: get, cell: c}
)",
                                              toy::registry()),
                                 options);
  BOOST_TEST(dot.find("\"step.a\" [label=\"a\\nget\\n2 s\", class=\"heat-3\"]") != std::string::npos, dot);
  BOOST_TEST(dot.find("a doc") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
