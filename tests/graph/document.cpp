// How files are merged: what the later one changes, deletes, adds, and where it lands.
#include "graph/document.hpp"

#include <boost/test/unit_test.hpp>

#include "graph/random.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(document)

namespace {

std::string merged(const std::string& base, const std::vector<std::string>& over) {
  Tree root = parse_yaml("", "base");
  std::vector<Problem> problems;
  merge_document(root, parse_yaml(base, "base"), problems);
  for (const std::string& each : over) merge_document(root, parse_yaml(each, "over"), problems);
  if (!problems.empty()) throw PipelineError(problems);
  return root.flow();
}

std::string inserted(const std::string& text) {
  std::vector<Problem> problems;
  const Tree tree = insert_parameters(parse_yaml(text, "f"), problems);
  for (const Problem& problem : problems) BOOST_TEST_MESSAGE(problem.text());
  BOOST_TEST(problems.empty());
  return tree.flow();
}

}  // namespace

BOOST_AUTO_TEST_CASE(maps_merge_key_by_key_and_lists_and_scalars_replace) {
  BOOST_TEST(merged("step: {a: {node: x, p: 1, list: [1, 2], map: {c: 1, d: 2}}}",
                    {"step: {a: {p: 5, list: [3], map: {d: 4}}}"}) ==
             "{step: {a: {node: x, p: 5, list: [3], map: {c: 1, d: 4}}}}");
}

BOOST_AUTO_TEST_CASE(nothing_deletes) {
  BOOST_TEST(merged("step: {a: {node: x, p: 1}, b: {node: y}}\nrecords: {r: a.v}",
                    {"step: {a: {p: ~}, b: ~}\nrecords: {r: ~, s: ~}"}) == "{step: {a: {node: x}}, records: {}}");
}

BOOST_AUTO_TEST_CASE(a_parameter_may_hold_nothing) {
  BOOST_TEST(merged("params: {a: 1, b: ~, m: {x: 1}}", {"params: {a: ~, m: {x: ~}}"}) ==
             "{params: {a: ~, b: ~, m: {x: ~}}}");
}

BOOST_AUTO_TEST_CASE(a_parameter_may_be_a_map_with_any_keys) {
  BOOST_TEST(merged("params: {order: {after: 3, node: x}}", {}) == "{params: {order: {after: 3, node: x}}}");
}

BOOST_AUTO_TEST_CASE(a_changed_node_or_kind_replaces_the_whole_entry) {
  BOOST_TEST(merged("step: {a: {node: x, p: 1}, b: {node: y}}\nstate: {s: {kind: k, q: 1}}",
                    {"step: {a: {node: z, r: 2}}\nstate: {s: {kind: l}}"}) ==
             "{step: {a: {node: z, r: 2}, b: {node: y}}, state: {s: {kind: l}}}");
  BOOST_TEST(merged("step: {a: {node: x, p: 1}}", {"step: {a: {node: x, r: 2}}"}) ==
             "{step: {a: {node: x, p: 1, r: 2}}}");
}

BOOST_AUTO_TEST_CASE(new_entries_go_to_the_end_or_behind_the_one_they_name) {
  BOOST_TEST(merged("step: {a: {node: x}, b: {node: x}}",
                    {"step: {c: {node: x, after: a}, d: {node: x}, e: {node: x, after: c}}"}) ==
             "{step: {a: {node: x}, c: {node: x}, e: {node: x}, b: {node: x}, d: {node: x}}}");
}

BOOST_AUTO_TEST_CASE(a_new_stream_may_place_its_own_nodes) {
  BOOST_TEST(
      merged("streams: {s: {a: {node: x}}}", {"streams: {t: {a: {node: x}, b: {node: x}, c: {node: x, after: a}}}"}) ==
      "{streams: {s: {a: {node: x}}, t: {a: {node: x}, c: {node: x}, b: {node: x}}}}");
}

BOOST_AUTO_TEST_CASE(a_scalar_and_a_map_replace_each_other) {
  BOOST_TEST(merged("params: {a: 1, b: {c: 2}}", {"params: {a: {d: 3}, b: 4}"}) == "{params: {a: {d: 3}, b: 4}}");
}

BOOST_AUTO_TEST_CASE(files_are_merged_in_the_order_used_file_data_settings) {
  const test::Scratch scratch;
  scratch.write("base/one.yaml", "params: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1}\n");
  scratch.write("base/two.yaml", "params: {b: 2, c: 2, d: 2, e: 2, f: 2}\n");
  const auto file = scratch.write(
      "methods/m.yaml", "pipeline: m\nuse: [../base/one.yaml, ../base/two.yaml]\nparams: {c: 3, d: 3, e: 3, f: 3}\n");
  const auto data = scratch.write("data.yaml", "params: {d: 4, e: 4, f: 4}\n");
  const auto more = scratch.write("more.yaml", "params: {e: 5, f: 5}\n");
  const Document document = load_document({file, {data, more}, {"f=6", "params.f=7"}});
  BOOST_TEST(document.root.flow() == "{params: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 7}, pipeline: m}");
  BOOST_TEST(document.files.size() == 5u);
  BOOST_TEST(document.root.find("params")->find("d")->place.file == data.string());
}

BOOST_AUTO_TEST_CASE(a_file_that_two_others_use_counts_once) {
  const test::Scratch scratch;
  scratch.write("base.yaml", "params: {a: 1, b: 1}\nstep: {x: {node: n}, y: {node: n, after: x}}\n");
  scratch.write("left.yaml", "use: base.yaml\nparams: {a: 2}\n");
  scratch.write("right.yaml", "use: base.yaml\nparams: {b: 3}\n");
  const auto file = scratch.write("m.yaml", "use: [left.yaml, right.yaml]\n");
  BOOST_TEST(load_document({file, {}, {}}).root.flow() == "{params: {a: 2, b: 3}, step: {x: {node: n}, y: {node: n}}}");
}

BOOST_AUTO_TEST_CASE(data_wins_over_the_file_even_where_the_file_uses_it) {
  const test::Scratch scratch;
  const auto data = scratch.write("data.yaml", "params: {classes: 7}\n");
  const auto file = scratch.write("m.yaml", "use: data.yaml\nparams: {classes: 8}\n");
  BOOST_TEST(load_document({file, {}, {}}).root.flow() == "{params: {classes: 8}}");
  BOOST_TEST(load_document({file, {data}, {}}).root.flow() == "{params: {classes: 7}}");
}

BOOST_AUTO_TEST_CASE(settings_reach_every_entry_and_keys_with_dots) {
  const test::Scratch scratch;
  const auto file = scratch.write(
      "m.yaml",
      "pipeline: m\nparams: {lr: 1, list: [1]}\nstep: {total: {node: sum, terms: {a.loss: 1, b.loss: 2}}}\n"
      "records: {loss.total: total.loss}\n");
  const auto with = [&](const std::string& setting) { return load_document({file, {}, {setting}}).root; };
  BOOST_TEST(with("lr=5e-4").find("params")->flow() == "{lr: 5e-4, list: [1]}");
  BOOST_TEST(with("lr=-2*3").find("params")->find("lr")->text == "-2*3");
  BOOST_TEST(with("lr=").find("params")->find("lr")->is_nothing());
  BOOST_TEST(with("list=[2, 3]").find("params")->find("list")->flow() == "[2, 3]");
  BOOST_TEST(with("list={}").find("params")->find("list")->flow() == "{}");
  BOOST_TEST(with("pipeline=n").find("pipeline")->text == "n");
  BOOST_TEST(with("step.total.terms.a.loss=3").find("step")->flow() ==
             "{total: {node: sum, terms: {a.loss: 3, b.loss: 2}}}");
  BOOST_TEST(with("step.total.terms.b.loss=~").find("step")->flow() == "{total: {node: sum, terms: {a.loss: 1}}}");
  BOOST_TEST(with("step.total=~").find("step")->flow() == "{}");
  BOOST_TEST(with("step.more={node: x}").find("step")->find("more")->flow() == "{node: x}");
  BOOST_TEST(with("records.loss.total=more.loss").find("records")->flow() == "{loss.total: more.loss}");
  BOOST_TEST(with("records.new.one=a.b").find("records")->flow() == "{loss.total: total.loss, new.one: a.b}");
  BOOST_TEST(with("lr=3").find("params")->find("lr")->place.text() == "--set lr=3");
}

BOOST_AUTO_TEST_CASE(parameters_are_inserted_whole_and_into_texts) {
  BOOST_TEST(
      inserted("params: {a: 3, b: $a, l: [1, $b], n: ~}\nstep: {x: {p: $l, q: '${a}-${b}.h5', r: $n, s: a$b, t: $}}") ==
      "{params: {a: 3, b: 3, l: [1, 3], n: ~}, step: {x: {p: [1, 3], q: 3-3.h5, r: ~, s: a$b, t: $}}}");
}

BOOST_AUTO_TEST_CASE(a_number_inserted_into_braces_stays_a_number) {
  std::vector<Problem> problems;
  const Tree tree = insert_parameters(parse_yaml("params: {a: 3}\nstep: {x: {p: '${a}*2'}}", "f"), problems);
  BOOST_TEST(!tree.find("step")->find("x")->find("p")->quoted);
}

BOOST_AUTO_TEST_CASE(the_resolved_text_reads_back_as_the_same_tree) {
  const test::Scratch scratch;
  const auto file = scratch.write("m.yaml",
                                  "pipeline: m\nparams:\n  a: 1\n  b: clip(a, 0, 1)\n  c: ${a}*2\n  d: ~\n  e: '5'\n"
                                  "step:\n  x:\n    node: n\n    p: clip(epoch, 0, 1)\n    when: epoch > 1\n");
  const Document first = load_document({file, {}, {"a=2"}});
  const auto again = scratch.write("again.yaml", to_yaml(first.root, 3));
  const Document second = load_document({again, {}, {}});
  BOOST_TEST(second.root.same(first.root));
  BOOST_TEST(to_yaml(second.root, 3) == to_yaml(first.root, 3));
}

BOOST_AUTO_TEST_CASE(merging_onto_nothing_and_merging_twice_change_nothing) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(3, 2, seed);
    std::string text = "params: {a: " + std::to_string(random.below(9)) + "}\nstep:\n";
    for (std::int64_t i = 0; i < 1 + random.below(6); ++i)
      text += "  n" + std::to_string(i) + ": {node: x" + std::to_string(random.below(3)) + ", p: [" +
              std::to_string(random.below(9)) + "]}\n";
    BOOST_TEST(merged(text, {}) == parse_yaml(text, "f").flow());
    BOOST_TEST(merged(text, {text}) == parse_yaml(text, "f").flow());
  }
}

BOOST_AUTO_TEST_CASE(differences_name_what_stands_where) {
  const auto found = differences(parse_yaml("params: {a: 1, b: 2, c: [1]}", "f"),
                                 parse_yaml("params: {a: 1, c: [2], d: x}\nstep: {}\nrecords: {r.s: t.u}", "g"));
  std::string text;
  for (const Difference& each : found) text += each.where + ": " + each.first + " | " + each.second + "\n";
  BOOST_TEST(text == "params.b: 2 | \nparams.c: [1] | [2]\nparams.d:  | x\nstep:  | {}\nrecords.r.s:  | t.u\n");
}

BOOST_AUTO_TEST_SUITE_END()
