// What a file with wrong states or streams is told: whole messages, place included.
#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"

using fergraph::toy::problems_of;

BOOST_AUTO_TEST_SUITE(stream_errors)

BOOST_AUTO_TEST_CASE(an_unknown_kind_of_state) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  c: {kind: cel}
step:
  a: {node: get, cell: c}
)") == "test.yaml:4:13: error: state.c: there is no kind of state 'cel'. Known are 'cell' and 'note'. Did you mean "
       "'cell'?");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_of_a_state) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  c: {kind: cell, inti: 3}
step:
  a: {node: get, cell: c}
)") == "test.yaml:4:19: error: state.c: the kind 'cell' has no parameter or state 'inti'. It knows 'copy_of', 'of' and "
       "'init'. Did you mean 'init'?");
}

BOOST_AUTO_TEST_CASE(an_unknown_state) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  cell: {kind: cell}
step:
  a: {node: get, cell: cel}
)") == "test.yaml:6:24: error: step.a: 'cell' takes a state, but there is no 'cel' above it. Above it stands 'cell'. "
       "Did you mean 'cell'?");
}

BOOST_AUTO_TEST_CASE(a_state_of_another_kind) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  w: {kind: note}
  c: {kind: cell, copy_of: w}
step:
  a: {node: get, cell: w}
)") == "test.yaml:5:28: error: state.c: 'copy_of' takes another kind of state, but 'w' is of the kind 'note'. Name a "
       "state that fits.\n"
       "test.yaml:7:24: error: step.a: 'cell' takes a state of the kind 'cell', but 'w' is of the kind 'note'. Name a "
       "state that fits.");
}

BOOST_AUTO_TEST_CASE(a_list_of_states_where_one_is_expected) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  a: {kind: cell}
  b: {kind: cell}
step:
  x: {node: get, cell: [a, b]}
)") == "test.yaml:7:24: error: step.x: 'cell' takes one state, but here stands a list. Name one state.");
}

BOOST_AUTO_TEST_CASE(a_state_that_refers_to_a_later_one) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  a: {kind: cell, copy_of: b}
  b: {kind: cell}
step:
  x: {node: get, cell: b}
)") == "test.yaml:4:28: error: state.a: 'copy_of' takes a state, but there is no 'b' above it. Nothing stands above "
       "it.");
}

BOOST_AUTO_TEST_CASE(a_state_without_a_kind) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  a: {init: 3}
  b: 5
step:
  x: {node: constant}
)") == "test.yaml:4:3: error: state.a does not say what it is. Give it 'kind:', for example kind: table.\n"
       "test.yaml:5:6: error: state.b must be a map such as {kind: table}, but here stands '5'.");
}

BOOST_AUTO_TEST_CASE(a_stream_that_begins_without_a_source) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    c: {node: constant}
    batch: {node: batch, size: 2, items: {v: c.value}}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:5:5: error: streams.s.c: a stream begins with a source of samples, but 'constant' is none. Put a "
       "source above it.");
}

BOOST_AUTO_TEST_CASE(a_stream_with_two_sources) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    a: {node: count}
    b: {node: count}
    batch: {node: batch, size: 2, items: {v: a.value}}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:6:5: error: streams.s.b: a stream has one source, its first node. Give 'count' a stream of its own.");
}

BOOST_AUTO_TEST_CASE(a_node_below_a_batch) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  numbers:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
    late: {node: add, x: source.value}
step:
  x: {node: mean, values: numbers.plain}
)") == "test.yaml:7:5: error: streams.numbers.late stands below the stream's batch, which comes last. Move it up.");
}

BOOST_AUTO_TEST_CASE(a_state_in_a_stream) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
state:
  c: {kind: cell}
streams:
  s:
    a: {node: count}
    g: {node: get, cell: c}
    batch: {node: batch, size: 2, items: {v: a.value}}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:8:5: error: streams.s.g: 'get' uses a state, but streams run ahead of the step and would see old "
       "values. Look the state up in the step.");
}

BOOST_AUTO_TEST_CASE(a_condition_in_a_stream) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    a: {node: count}
    b: {node: add, x: a.value, when: epoch > 1}
    batch: {node: batch, size: 2, items: {v: b.value}}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:6:32: error: streams.s.b: streams run ahead of the clock and know no 'when'. Put the condition on "
       "the step's node that uses the value.");
}

BOOST_AUTO_TEST_CASE(a_stream_without_an_end) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    a: {node: count}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:4:3: error: streams.s has no end. Close it with a 'batch' for the step, or with a node that writes, "
       "such as write_cache.");
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_no_map) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: s}
streams:
  s: [count]
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:4:6: error: streams.s must be a map of nodes, but here stands a list. Begin it with a source and "
       "close it with a batch.");
}

BOOST_AUTO_TEST_CASE(a_batch_without_items) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    a: {node: count}
    batch: {node: batch, size: 2}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:6:5: error: streams.s.batch needs 'items': a map from the names of its batches' items to references, "
       "such as {weak: weak.image, label: faces.label}.");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_and_word_of_a_batch) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    a: {node: count}
    batch: {node: batch, sise: 2, size: 0, order: shufled, items: {v: a.value}}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:6:26: error: streams.s.batch: the node 'batch' has no input, state or parameter 'sise'. It knows "
       "'items', 'size', 'order', 'last', 'on_void' and 'ahead'. Did you mean 'size'?\n"
       "test.yaml:6:41: error: streams.s.batch: 'size' must lie in 1 … 1048576, but it is 0.\n"
       "test.yaml:6:51: error: streams.s.batch.order: Expected is one of the words 'shuffled' and 'sequential', but "
       "here stands 'shufled'. Did you mean 'shuffled'?");
}

BOOST_AUTO_TEST_CASE(an_item_that_cannot_be_batched) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  s:
    a: {node: count}
    c: {node: constant}
    batch: {node: batch, size: 2, items: {v: c.word}}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:7:46: error: streams.s.batch: the item 'v' is Word, which cannot be put into batches. Take another "
       "output.");
}

BOOST_AUTO_TEST_CASE(a_sink_that_is_not_last) {
  BOOST_TEST(problems_of(R"(pipeline: p
streams:
  s:
    a: {node: count}
    k: {node: keep, x: a.value}
    b: {node: add, x: a.value}
)") == "test.yaml:5:5: error: streams.s.k: 'keep' writes what the stream made and comes last. Move it down.");
}

BOOST_AUTO_TEST_CASE(a_step_that_reads_a_stream_that_writes) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: s}
streams:
  s:
    a: {node: count}
    k: {node: keep, x: a.value}
step:
  x: {node: mean, values: s.v}
)") == "test.yaml:2:28: error: 'steps' names the stream 's', which writes its samples and gives no batches. Name a "
       "stream that the step reads.\n"
       "test.yaml:8:27: error: step.x: 'values' refers to 's.v', but the stream 's' writes its samples and gives no "
       "batches. Add a stream that reads what it wrote.");
}

BOOST_AUTO_TEST_CASE(a_stream_node_in_the_step) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: count}
)") == "test.yaml:4:13: error: step.a: 'count' works on the samples of a stream. Move it into 'streams'.");
}

BOOST_AUTO_TEST_CASE(a_batch_in_the_step) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {node: batch, size: 3}
)") == "test.yaml:4:13: error: step.a: a batch closes a stream and has no meaning in a section. Move it into "
       "'streams'.");
}

BOOST_AUTO_TEST_CASE(a_view_in_the_step) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  numbers:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
step:
  a: {node: mean_of_all, values: numbers.plain}
)") == "test.yaml:8:34: error: step.a: 'values' reads a whole stream, which only the sections epoch_start and "
       "epoch_end can. Move the node there.");
}

BOOST_AUTO_TEST_CASE(a_batch_in_an_epoch_section) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  numbers:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
step:
  a: {node: mean, values: numbers.plain}
epoch_end:
  b: {node: mean, values: numbers.plain}
)") == "test.yaml:10:27: error: epoch_end.b: 'values' refers to a batch of 'numbers.plain', but batches are there only "
       "in the step. Read the stream with a pass.");
}

BOOST_AUTO_TEST_CASE(a_view_of_a_node) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  c: {node: constant}
epoch_end:
  a: {node: constant}
  b: {node: mean_of_all, values: a.values}
)") == "test.yaml:7:34: error: epoch_end.b: 'values' reads a whole stream, so it takes stream.item, but 'a.values' is "
       "a node's output. Refer to an item of a stream's batch.");
}

BOOST_AUTO_TEST_CASE(rows_of_two_streams) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  numbers:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
  others:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
step:
  a: {node: mean, values: numbers.plain, others: others.plain}
)") == "test.yaml:11:50: error: step.a: 'others' counts a batch of 'others' along its axis N, but 'values' counts a "
       "batch of 'numbers' there. Both must come from the same rows; check which stream or part each refers to.");
}

BOOST_AUTO_TEST_CASE(a_node_with_the_name_of_a_stream) {
  BOOST_TEST(
      problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
streams:
  numbers:
    source: {node: count}
    batch: {node: batch, size: 4, items: {plain: source.value}}
step:
  numbers: {node: mean, values: numbers.plain}
)") ==
      "test.yaml:8:3: error: step.numbers has the name of a stream. Rename one of them, so that references are clear.");
}

BOOST_AUTO_TEST_SUITE_END()
