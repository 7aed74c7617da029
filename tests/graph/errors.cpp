// What a file with wrong nodes, references, parameters or formulas is told: whole messages, place included.
#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"

using fergraph::toy::problems_of;

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(an_unknown_node) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constnat}
)") == "test.yaml:4:13: error: step.a: there is no node 'constnat'. `fergraph nodes` lists all. Did you mean "
       "'constant'?");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_of_a_node) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: add, x: a.value, amuont: 2}
)") == "test.yaml:5:30: error: step.b: the node 'add' has no input, state or parameter 'amuont'. It knows 'x' and "
       "'amount'. Did you mean 'amount'?");
}

BOOST_AUTO_TEST_CASE(an_unknown_output) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: add, x: a.valeu}
)") == "test.yaml:5:21: error: step.b: 'x': 'a' (constant) has no output 'valeu'. It gives 'value', 'values' and "
       "'word'. Did you mean 'value'?");
}

BOOST_AUTO_TEST_CASE(an_output_without_parts) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: add, x: 'a.value[0]'}
)") == "test.yaml:5:21: error: step.b: 'x': 'a.value' has no parts. Refer to it as a whole, without [0].");
}

BOOST_AUTO_TEST_CASE(a_part_that_is_no_number) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: add, x: 'a.value[x]'}
)") == "test.yaml:5:21: error: step.b: 'x': 'a.value[x]' is no reference. A part is written node.output[0].");
}

BOOST_AUTO_TEST_CASE(a_type_that_does_not_fit) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: add, x: a.values}
)") == "test.yaml:5:21: error: step.b: 'x' takes Real (float []), but 'a.values' is Reals. Of that node 'a.value' "
       "fits.");
}

BOOST_AUTO_TEST_CASE(a_type_of_which_the_node_has_no_other) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: mean, values: a.values}
  c: {node: mean, values: b.value}
)") == "test.yaml:6:27: error: step.c: 'values' takes Reals (float [N]), but 'b.value' is Real. Refer to an output "
       "that fits.");
}

BOOST_AUTO_TEST_CASE(a_reference_to_a_later_node) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  b: {node: add, x: a.value}
  a: {node: constant}
)") == "test.yaml:4:21: error: step.b: 'x' refers to 'a.value', but 'a' does not stand above it. A node refers only to "
       "nodes above; move it up, or carry the value in a state.");
}

BOOST_AUTO_TEST_CASE(a_reference_to_itself) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  b: {node: add, x: b.value}
)") == "test.yaml:4:21: error: step.b: 'x' refers to 'b.value', but 'b' does not stand above it. A node refers only to "
       "nodes above; move it up, or carry the value in a state.");
}

BOOST_AUTO_TEST_CASE(a_reference_to_a_missing_node) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  abc: {node: constant}
  b: {node: add, x: abd.value}
)") == "test.yaml:5:21: error: step.b: 'x' refers to 'abd.value', but there is no 'abd' above it. Above it stands "
       "'abc'. Did you mean 'abc'?");
}

BOOST_AUTO_TEST_CASE(a_reference_without_an_output) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: add, x: a}
)") == "test.yaml:5:21: error: step.b: 'x' names the node 'a', but none of its outputs. It gives 'value', 'values' and "
       "'word'; write for example a.value.");
}

BOOST_AUTO_TEST_CASE(a_number_where_a_reference_is_needed) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  b: {node: add, x: 3}
)") == "test.yaml:4:21: error: step.b: 'x' takes a reference such as node.output, but here stands '3'. Nothing stands "
       "above it.");
}

BOOST_AUTO_TEST_CASE(a_map_where_a_reference_is_needed) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  b: {node: add, x: {a: 3}}
)") == "test.yaml:4:21: error: step.b: 'x' takes a reference such as node.output, but here stands a map.");
}

BOOST_AUTO_TEST_CASE(a_missing_item_of_a_stream) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  numbers:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
step:
  m: {node: mean, values: numbers.plian}
)") == "test.yaml:8:27: error: step.m: 'values': the batches of the stream 'numbers' have no item 'plian'. They have "
       "'plain'. Did you mean 'plain'?");
}

BOOST_AUTO_TEST_CASE(a_missing_input) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  b: {node: add}
)") == "test.yaml:4:3: error: step.b needs the input 'x' (float [], what is added to). Add it.");
}

BOOST_AUTO_TEST_CASE(a_missing_state) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  b: {node: get}
)") == "test.yaml:4:3: error: step.b needs the state 'cell' (the cell). Add it.");
}

BOOST_AUTO_TEST_CASE(a_missing_parameter) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    source: {node: count}
    batch: {node: batch, items: {v: source.value}}
step:
  a: {node: constant}
)") == "test.yaml:6:12: error: streams.s.batch needs the parameter 'size' (rows per batch). Add it.");
}

BOOST_AUTO_TEST_CASE(a_list_where_one_value_is_expected) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: add, x: [a.value, a.value]}
)") == "test.yaml:5:21: error: step.b: 'x' takes one reference, but here stands a list. Refer to one value, or join "
       "them in a node above.");
}

BOOST_AUTO_TEST_CASE(a_list_where_weights_are_expected) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: blend, terms: [a.value]}
)") == "test.yaml:5:27: error: step.b: 'terms' takes a map from references to numbers, such as {a.loss: 1, b.loss: "
       "0.5}, but here stands a list.");
}

BOOST_AUTO_TEST_CASE(a_weight_that_is_no_number) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: blend, terms: {a.value: much}}
)") == "test.yaml:5:37: error: step.b: 'terms': The formula names 'much', which is neither a parameter, nor of the "
       "clock, nor a function. It knows 'epoch', 'epochs', 'step', 'steps' and 'iteration'.");
}

BOOST_AUTO_TEST_CASE(a_word_where_a_whole_number_is_expected) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    source: {node: count, samples: many}
    batch: {node: batch, size: 2, items: {v: source.value}}
step:
  a: {node: constant}
)") == "test.yaml:5:36: error: streams.s.source.samples: Expected is a whole number, but here stands 'many'.");
}

BOOST_AUTO_TEST_CASE(a_fraction_where_a_whole_number_is_expected) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: limited, count: 1.5}
)") == "test.yaml:4:29: error: step.a.count: Expected is a whole number, but here stands '1.5'.");
}

BOOST_AUTO_TEST_CASE(a_list_where_a_number_is_expected) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: limited, share: [1]}
)") == "test.yaml:4:29: error: step.a.share: Expected is a number, but here stands a list.");
}

BOOST_AUTO_TEST_CASE(a_number_in_quotes) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: limited, share: "0.5"}
)") == "test.yaml:4:29: error: step.a.share: Expected is a number, but '0.5' stands in quotes, which make it a word. "
       "Remove the quotes.");
}

BOOST_AUTO_TEST_CASE(a_parameter_out_of_range) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: limited, share: 1.5}
)") == "test.yaml:4:29: error: step.a: 'share' must lie in 0 … 1, but it is 1.5.");
}

BOOST_AUTO_TEST_CASE(a_formula_out_of_range) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, base: 2}
step:
  a: {node: limited, share: base*2, count: base - 2, rate: base-2}
)") == "test.yaml:4:29: error: step.a: 'share' must lie in 0 … 1, but it is 4.\n"
       "test.yaml:4:44: error: step.a: 'count' must be at least 1, but it is 0.\n"
       "test.yaml:4:60: error: step.a: 'rate' must be above 0, but it is 0.");
}

BOOST_AUTO_TEST_CASE(a_list_entry_out_of_range) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: limited, many: [0.5, 2], maybe: -1}
)") == "test.yaml:4:28: error: step.a: 'many' must lie in 0 … 1, but it is 2.\n"
       "test.yaml:4:45: error: step.a: 'maybe' must lie in 0 … 1, but it is -1.");
}

BOOST_AUTO_TEST_CASE(a_wrong_word_of_an_enumeration) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  c: {kind: cell}
step:
  a: {node: touch, cell: c, mode: chnage}
)") == "test.yaml:6:35: error: step.a.mode: Expected is one of the words 'look' and 'change', but here stands "
       "'chnage'. Did you mean 'change'?");
}

BOOST_AUTO_TEST_CASE(neither_true_nor_false) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  numbers:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
step:
  a: {node: mean, values: numbers.plain}
epoch_end:
  b: {node: mean_of_all, values: numbers.plain, keep: maybe}
)") == "test.yaml:10:55: error: epoch_end.b.keep: Expected is true or false, but here stands 'maybe'.");
}

BOOST_AUTO_TEST_CASE(a_formula_with_wrong_syntax) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant, value: 2*(3+}
)") == "test.yaml:4:30: error: step.a.value: '2*(3+' is no number and no formula that can be read. muParser says: "
       "Unexpected end of expression at position 6.");
}

BOOST_AUTO_TEST_CASE(a_formula_with_an_unknown_name) {
  BOOST_TEST(
      problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, margin: 2}
step:
  a: {node: constant, value: 2*margn}
)") ==
      "test.yaml:4:30: error: step.a.value: The formula names 'margn', which is neither a parameter, nor of the clock, "
      "nor a function. It knows 'epoch', 'epochs', 'step', 'steps', 'iteration' and 'margin'. Did you mean 'margin'?");
}

BOOST_AUTO_TEST_CASE(a_formula_that_names_a_word) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, backbone: resnet}
step:
  a: {node: constant, value: 2*backbone}
)") == "test.yaml:4:30: error: step.a.value: The formula names the parameter 'backbone', which is 'resnet' and no "
       "number. Name a parameter that is one.");
}

BOOST_AUTO_TEST_CASE(a_formula_that_names_a_map) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, m: {a: 1}}
step:
  a: {node: constant, value: 2*m}
)") == "test.yaml:4:30: error: step.a.value: The formula names the parameter 'm', which is a map and no number. Name a "
       "parameter that is one.");
}

BOOST_AUTO_TEST_CASE(a_formula_that_assigns) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant, when: epoch = 3}
)") == "test.yaml:4:29: error: step.a.when: The formula 'epoch = 3' assigns with '='. To compare, write '=='.");
}

BOOST_AUTO_TEST_CASE(a_decimal_comma) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a:
    node: constant
    value: 0,5
)") == "test.yaml:6:12: error: step.a.value: '0,5' gives 2 numbers, but one is needed. Write decimals with a point, "
       "and lists only as arguments of functions.");
}

BOOST_AUTO_TEST_CASE(a_formula_that_is_not_finite) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant, value: 1/0}
)") == "test.yaml:4:30: error: step.a.value: The formula '1/0' gives no finite number. Correct it, or the parameters "
       "that it names.");
}

BOOST_AUTO_TEST_CASE(a_formula_defined_by_itself) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, a: 2*b, b: 3*a}
step:
  x: {node: constant, value: a}
)") == "test.yaml:2:34: error: step.x.value: The parameter 'a' is defined by itself. Give it a value of its own.");
}

BOOST_AUTO_TEST_CASE(the_clock_in_a_stream) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    source: {node: count}
    more: {node: add, x: source.value, amount: epoch}
    batch: {node: batch, size: 2, items: {v: more.value}}
step:
  a: {node: constant}
)") == "test.yaml:6:48: error: streams.s.more: 'amount' uses the clock, but streams run ahead of it. Use numbers and "
       "parameters here, or look the value up in the step.");
}

BOOST_AUTO_TEST_CASE(the_clock_in_a_number_that_is_read_once) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: limited, count: epoch}
)") == "test.yaml:4:29: error: step.a.count: The formula 'epoch' uses the clock, but this number is read once, before "
       "the run. Write a number or a formula over the parameters alone.");
}

BOOST_AUTO_TEST_CASE(a_list_as_a_formula) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant, value: [1, 2]}
)") == "test.yaml:4:30: error: step.a.value: Expected is a number or a formula, but here stands a list.");
}

BOOST_AUTO_TEST_SUITE_END()
