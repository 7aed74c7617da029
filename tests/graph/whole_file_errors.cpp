// What a file that is wrong as a whole is told: records, the clock, its name, insertions; whole messages, place
// included.
#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"

using fergraph::toy::problems_of;

BOOST_AUTO_TEST_SUITE(whole_file_errors)

BOOST_AUTO_TEST_CASE(a_record_of_an_unknown_node) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  total: {node: constant}
records: {loss.total: totl.value}
)") == "test.yaml:5:23: error: records.loss.total refers to 'totl.value', but there is no node or state 'totl'. Did "
       "you mean 'total'?");
}

BOOST_AUTO_TEST_CASE(a_record_of_an_unknown_output) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
records: {x: a.loss}
)") == "test.yaml:5:14: error: records.x: 'a' (constant) has no output 'loss'. It gives 'value', 'values' and 'word'.");
}

BOOST_AUTO_TEST_CASE(a_record_of_a_word) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
records: {x: a.word}
)") == "test.yaml:5:14: error: records.x: 'a.word' is Word, which has no numbers to record. Record another output.");
}

BOOST_AUTO_TEST_CASE(a_record_of_a_part_of_a_state) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  c: {kind: cell}
step:
  a: {node: constant}
records: {x: c.value, y: {a: b}}
)") == "test.yaml:7:14: error: records.x refers to 'c.value', but 'c' is a state, which is recorded by its name alone. "
       "Write c.\n"
       "test.yaml:7:26: error: records.y takes node.output, a state's name, or a list of these, but here stands a map. "
       "Name what it is to show.");
}

BOOST_AUTO_TEST_CASE(no_name) {
  BOOST_TEST(problems_of(R"(params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
)") == "test.yaml:1:1: error: The file does not give the pipeline's name. Add 'pipeline: NAME'.");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_a_path) {
  BOOST_TEST(problems_of(R"(pipeline: a/b
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
)") == "test.yaml:1:11: error: The pipeline's name becomes a folder's and must be one word without '/' and blanks, but "
       "it is 'a/b'.");
}

BOOST_AUTO_TEST_CASE(no_epochs_and_no_steps) {
  BOOST_TEST(problems_of(R"(pipeline: p
step:
  a: {node: constant}
)") == "test.yaml:1:1: error: A pipeline with a step needs the parameter 'epochs': how often the epoch is run. Add it "
       "to "
       "'params'.\n"
       "test.yaml:1:1: error: A pipeline with a step needs the parameter 'steps': a number of steps per epoch, or a "
       "stream "
       "for one pass over it. Add it to 'params'.");
}

BOOST_AUTO_TEST_CASE(epochs_and_steps_below_one) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 0, steps: 0}
step:
  a: {node: constant}
)") == "test.yaml:2:18: error: params: 'epochs' must be at least 1, but it is 0.\n"
       "test.yaml:2:28: error: params: 'steps' must be at least 1, but it is 0.");
}

BOOST_AUTO_TEST_CASE(steps_of_an_unknown_stream) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: numbres}
streams:
  numbers:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
step:
  a: {node: mean, values: numbers.plain}
)") == "test.yaml:2:28: error: params.steps: Expected is a number of steps or the name of a stream, but here stands "
       "'numbres'. Did you mean 'numbers'?");
}

BOOST_AUTO_TEST_CASE(nothing_to_run) {
  BOOST_TEST(problems_of(R"(pipeline: p
)") == "test.yaml:1:1: error: The pipeline has neither a 'step' nor 'streams', so there is nothing to run. Add one of "
       "them.");
}

BOOST_AUTO_TEST_CASE(a_node_without_a_node) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {value: 3}
  b: 7
  c: {node: [x]}
)") == "test.yaml:4:3: error: step.a does not say what it is. Give it 'node:', for example node: forward.\n"
       "test.yaml:5:6: error: step.b must be a map such as {node: forward}, but here stands '7'.\n"
       "test.yaml:6:13: error: step.c does not say what it is. Give it 'node:', for example node: forward.");
}

BOOST_AUTO_TEST_CASE(a_name_with_a_dot) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a.b: {node: constant}
)") == "test.yaml:4:3: error: step.a.b: a name is a word of letters, digits, '_' and '-', so that it can be referred "
       "to. Rename 'a.b'.");
}

BOOST_AUTO_TEST_CASE(an_unknown_parameter_to_insert) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, rate: $rtae}
step:
  a: {node: limited, rate: $rate, count: $cuont}
  b: {node: add, x: $x}
  c: {node: nose}
)") == "test.yaml:2:37: error: There is no parameter 'rtae' to insert. 'params' knows 'epochs', 'steps' and 'rate'. "
       "Did you mean 'rate'?\n"
       "test.yaml:4:42: error: There is no parameter 'cuont' to insert. 'params' knows 'epochs', 'steps' and 'rate'.\n"
       "test.yaml:5:21: error: There is no parameter 'x' to insert. 'params' knows 'epochs', 'steps' and 'rate'.\n"
       "test.yaml:6:13: error: step.c: there is no node 'nose'. `fergraph nodes` lists all.");
}

BOOST_AUTO_TEST_CASE(parameters_that_insert_each_other) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, a: $b, b: $a}
step:
  x: {node: constant, value: $a}
)") == "test.yaml:2:34: error: The parameter 'b' inserts itself. Give it a value of its own.\n"
       "test.yaml:2:41: error: The parameter 'a' inserts itself. Give it a value of its own.");
}

BOOST_AUTO_TEST_CASE(a_list_inserted_into_a_text) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, list: [1, 2]}
step:
  x:
    node: constant
    value: 2*${list}
)") == "test.yaml:6:12: error: Only a number or a word can be inserted into a text, but 'list' is a list. Use it as a "
       "whole value, without the braces.");
}

BOOST_AUTO_TEST_CASE(many_errors_in_the_order_of_their_places) {
  BOOST_TEST(
      problems_of(R"(pipeline: p
params: {epochs: 1, steps: none}
state:
  c: {kind: cel}
streams:
  s:
    a: {node: cuont}
    b: {node: add, x: a.value}
    batch: {node: batch, size: 0, items: {v: b.value, w: a.value}}
records: {r: z.value, q: x.value}
step:
  g: {node: get, cell: c}
  x: {node: lost}
  y: {node: add, x: x.value}
  m: {node: mean, values: s.v}
  n: {node: mean, values: s.nothing}
  z: {node: add}
)") ==
      "test.yaml:2:28: error: params.steps: Expected is a number of steps or the name of a stream, but here stands "
      "'none'.\n"
      "test.yaml:4:13: error: state.c: there is no kind of state 'cel'. Known are 'cell' and 'note'. Did you mean "
      "'cell'?\n"
      "test.yaml:7:15: error: streams.s.a: there is no node 'cuont'. `fergraph nodes` lists all. Did you mean "
      "'count'?\n"
      "test.yaml:9:32: error: streams.s.batch: 'size' must lie in 1 … 1048576, but it is 0.\n"
      "test.yaml:13:13: error: step.x: there is no node 'lost'. `fergraph nodes` lists all.\n"
      "test.yaml:16:27: error: step.n: 'values': the batches of the stream 's' have no item 'nothing'. They have 'v'.\n"
      "test.yaml:17:3: error: step.z needs the input 'x' (float [], what is added to). Add it.");
}

BOOST_AUTO_TEST_CASE(empty_lists) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: sum, terms: []}
  c: {node: blend, terms: {}}
  d: {node: put, x: a.value, cell: []}
records: {r: []}
)") == "test.yaml:5:25: error: step.b: 'terms' takes at least one reference, but the list is empty. Give it one.\n"
       "test.yaml:6:27: error: step.c: 'terms' takes at least one reference, but the map is empty. Give it a term.\n"
       "test.yaml:7:36: error: step.d: 'cell' takes at least one state, but the list is empty. Name one.\n"
       "test.yaml:8:14: error: records.r takes node.output, a state's name, or a list of these, but the list is empty. "
       "Name what it is to show.");
}

BOOST_AUTO_TEST_CASE(a_part_that_is_not_there) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: constant}
  b: {node: sum, terms: [a.value, a.value]}
  c: {node: mean, values: "b.all[2]"}
  d: {node: sum, terms: [a.value, x.value]}
  e: {node: mean, values: "d.all[1]"}
)") == "test.yaml:6:27: error: step.c: 'values': 'b.all' has 2 parts, counted from 0. Write a number from 0 to 1.\n"
       "test.yaml:7:35: error: step.d: 'terms' refers to 'x.value', but there is no 'x' above it. Above it stand 'a', "
       "'b' "
       "and 'c'.");
}

BOOST_AUTO_TEST_CASE(a_part_of_an_item) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    a: {node: count}
    batch: {node: batch, size: 2, items: {v: a.value}}
step:
  m: {node: mean, values: "s.v[0]"}
)") == "test.yaml:8:27: error: step.m: 'values': 's.v' is an item of a batch and has no parts. Write it without [0].");
}

BOOST_AUTO_TEST_CASE(lists_that_belong_together) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  c: {kind: cell}
  d: {kind: cell}
step:
  a: {node: constant}
  p: {node: put_each, x: [a.value], cell: [c, d]}
)") == "test.yaml:8:3: error: step.p: 'cell' has 2 entries and 'x' has 1, but they belong together in pairs. Give "
       "both the same number.");
}

BOOST_AUTO_TEST_CASE(a_parameter_with_the_name_of_the_clock) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, epoch: 3}
step:
  a: {node: constant, value: epoch}
)") == "test.yaml:2:38: error: A parameter cannot be called 'epoch', because formulas read the clock under this name. "
       "Rename it.");
}

BOOST_AUTO_TEST_CASE(a_parameter_that_several_take_is_told_once) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, rate: '1e-3*('}
step:
  a: {node: limited, rate: $rate}
  b: {node: limited, rate: $rate}
)") == "test.yaml:2:37: error: step.a.rate: '1e-3*(' is no number and no formula that can be read. muParser says: "
       "Unexpected end of expression at position 7.");
}

BOOST_AUTO_TEST_CASE(numbers_that_no_number_can_hold) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 99999999999999999999, steps: 1}
step:
  a: {node: limited, rate: 1.5e400, count: 1e17}
)") == "test.yaml:2:18: error: params.epochs: Expected is a whole number from -9e+15 to 9e+15, but here stands "
       "'99999999999999999999'.\n"
       "test.yaml:4:28: error: step.a.rate: '1.5e400' is beyond what a number can hold (about 1e308, and not closer to "
       "0 "
       "than 1e-308). Write one within it.\n"
       "test.yaml:4:44: error: step.a.count: Expected is a whole number from -9e+15 to 9e+15, but here stands '1e17'.");
}

BOOST_AUTO_TEST_CASE(an_entry_of_a_list_in_a_formula) {
  BOOST_TEST(
      problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, milestones: [3, x]}
step:
  a: {node: limited, rate: '0.1^passed(milestones, epoch)'}
)") ==
      "test.yaml:2:47: error: step.a.rate: The formula names the parameter 'milestones', whose entry 'x' is no number. "
      "Write a number here.");
}

BOOST_AUTO_TEST_SUITE_END()
