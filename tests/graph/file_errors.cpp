// What a user is told of files that cannot be read or merged, and of wrong settings: whole messages, place included.
#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(file_errors)

namespace {

const std::string good =
    "pipeline: p\nparams: {epochs: 1, steps: 1, rate: 1}\nstep:\n  a: {node: limited, rate: $rate}\n";

struct Files : test::Scratch {
  std::string problems(const std::string& file, const std::vector<std::string>& settings = {},
                       const std::vector<std::string>& data = {}) const {
    LoadOptions options{folder / file, {}, settings};
    for (const std::string& each : data) options.data.push_back(folder / each);
    try {
      check_pipeline(load_document(options), toy::registry());
      return "";
    } catch (const PipelineError& error) {
      return without(error.what());
    }
  }
  std::string problems_of(const std::string& text) const {
    write("a.yaml", text);
    return problems("a.yaml");
  }
  std::string problems_with(const std::string& setting) const {
    write("a.yaml", good);
    return problems("a.yaml", {setting});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(wrong_indentation, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
step:
  a: {node: constant}
 b: {node: constant}
)") == "a.yaml:4:2: error: This is not valid YAML: end of map not found. Check the indentation (blanks, no tabs), "
       "colons, quotes and brackets here and on the line above.");
}

BOOST_FIXTURE_TEST_CASE(an_open_bracket, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
step:
  a: {node: constant
)") == "a.yaml:4:1: error: This is not valid YAML: end of map flow not found. Check the indentation (blanks, no tabs), "
       "colons, quotes and brackets here and on the line above.");
}

BOOST_FIXTURE_TEST_CASE(a_tab, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
step:
	a: {node: constant}
)") == "a.yaml:3:3: error: This is not valid YAML: illegal map value. Check the indentation (blanks, no tabs), colons, "
       "quotes and brackets here and on the line above.");
}

BOOST_FIXTURE_TEST_CASE(two_colons, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
doc: what: this
)") == "a.yaml:2:10: error: This is not valid YAML: illegal map value. Check the indentation (blanks, no tabs), "
       "colons, quotes and brackets here and on the line above.");
}

BOOST_FIXTURE_TEST_CASE(an_alias_without_an_anchor, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
step:
  a: *b
)") == "a.yaml:3:6: error: This is not valid YAML: the referenced anchor is not defined. Check the indentation "
       "(blanks, no tabs), colons, quotes and brackets here and on the line above.");
}

BOOST_FIXTURE_TEST_CASE(an_alias_inside_its_own_value, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
step: &a
  a: *a
)") == "a.yaml:3:6: error: An alias may not stand inside the value that it names. Write the value out.");
}

BOOST_FIXTURE_TEST_CASE(an_empty_file, Files) {
  BOOST_TEST(problems_of("") ==
             "a.yaml:1:1: error: The file does not give the pipeline's name. Add 'pipeline: NAME'.\n"
             "a.yaml:1:1: error: The pipeline has neither a 'step' nor 'streams', so there is nothing to run. Add one "
             "of them.");
}

BOOST_FIXTURE_TEST_CASE(a_list_as_a_file, Files) {
  BOOST_TEST(problems_of(R"(- pipeline: p
)") == "a.yaml:1:1: error: A pipeline file is a map with the keys 'version', 'pipeline', 'doc', 'use', 'params', "
       "'state', 'streams', 'epoch_start', 'step', 'epoch_end', 'records' and 'on_nan', but here stands a list.");
}

BOOST_FIXTURE_TEST_CASE(a_word_as_a_file, Files) {
  BOOST_TEST(problems_of(R"(pipeline
)") == "a.yaml:1:1: error: A pipeline file is a map with the keys 'version', 'pipeline', 'doc', 'use', 'params', "
       "'state', 'streams', 'epoch_start', 'step', 'epoch_end', 'records' and 'on_nan', but here stands 'pipeline'.");
}

BOOST_FIXTURE_TEST_CASE(a_key_that_is_a_map, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  a: {{node: constant}: 3}
)") == "a.yaml:4:7: error: A key must be a word, but here stands a map. Write it as 'name: value'; a text with braces "
       "needs quotes.");
}

BOOST_FIXTURE_TEST_CASE(a_duplicate_key, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1, steps: 2}
step:
  a:
    node: constant
  b: {node: nose}
  a: {node: constant}
)") == "a.yaml:2:31: error: The key 'steps' stands twice in this map; it was first given at line 2. Remove or rename "
       "one "
       "of them.\n"
       "a.yaml:6:13: error: step.b: there is no node 'nose'. `fergraph nodes` lists all.\n"
       "a.yaml:7:3: error: The key 'a' stands twice in this map; it was first given at line 4. Remove or rename one of "
       "them.");
}

BOOST_FIXTURE_TEST_CASE(a_second_document, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
---
pipeline: q
)") == "a.yaml:3:1: error: A file holds one YAML document, but here a second one begins. Remove the '---'.");
}

BOOST_FIXTURE_TEST_CASE(an_unknown_top_level_key, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
steps:
  a: {node: constant}
param: {a: 1}
)") == "a.yaml:2:1: error: A pipeline file has no key 'steps'. It knows 'version', 'pipeline', 'doc', 'use', 'params', "
       "'state', 'streams', 'epoch_start', 'step', 'epoch_end', 'records' and 'on_nan'. Did you mean 'step'?\n"
       "a.yaml:4:1: error: A pipeline file has no key 'param'. It knows 'version', 'pipeline', 'doc', 'use', 'params', "
       "'state', 'streams', 'epoch_start', 'step', 'epoch_end', 'records' and 'on_nan'. Did you mean 'params'?");
}

BOOST_FIXTURE_TEST_CASE(a_section_that_is_no_map, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: [1]
step: 3
)") == "a.yaml:2:9: error: 'params' must be a map of names, but here stands a list.\n"
       "a.yaml:3:7: error: 'step' must be a map of names, but here stands '3'.");
}

BOOST_FIXTURE_TEST_CASE(a_version_of_the_future, Files) {
  BOOST_TEST(problems_of(R"(version: 2
pipeline: p
)") == "a.yaml:1:10: error: The file has format version 2, but this program reads up to version 1. Use a newer "
       "fergraph.");
}

BOOST_FIXTURE_TEST_CASE(a_version_that_is_no_number, Files) {
  BOOST_TEST(problems_of(R"(version: new
pipeline: p
)") == "a.yaml:1:10: error: The format version must be a whole number from 1, but here stands 'new'.");
}

BOOST_FIXTURE_TEST_CASE(a_used_file_that_is_missing, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
use: data/none.yaml
)") == "a.yaml:2:6: error: The used file 'data/none.yaml' does not exist. Paths in 'use' start at the folder of the "
       "file that names them; correct the path.");
}

BOOST_FIXTURE_TEST_CASE(a_use_that_is_a_map, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
use: {a: b}
)") == "a.yaml:2:6: error: 'use' takes a file name or a list of file names, but here stands a map. Name the files "
       "alone.");
}

BOOST_FIXTURE_TEST_CASE(after_an_unknown_entry, Files) {
  BOOST_TEST(problems_of(R"(pipeline: p
params: {epochs: 1, steps: 1}
step:
  first: {node: constant}
  b: {node: constant, after: frist}
)") == "a.yaml:5:30: error: 'b' is to stand after 'frist', which is no entry of this section. It has 'first'. Did you "
       "mean 'first'?");
}

BOOST_FIXTURE_TEST_CASE(a_setting_without_a_value, Files) {
  BOOST_TEST(problems_with("rate") ==
             "--set rate: error: A setting has the form name=value, for example --set lr=0.001 or --set "
             "step.total.terms={a.loss: 1}.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_without_a_name, Files) {
  BOOST_TEST(problems_with("=3") ==
             "--set =3: error: A setting has the form name=value, for example --set lr=0.001 or --set "
             "step.total.terms={a.loss: 1}.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_with_an_empty_name, Files) {
  BOOST_TEST(problems_with("step..rate=3") ==
             "--set step..rate=3: error: A setting has the form name=value, for example --set lr=0.001 or --set "
             "step.total.terms={a.loss: 1}.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_of_an_unknown_parameter, Files) {
  BOOST_TEST(problems_with("raet=3") ==
             "--set raet=3: error: The pipeline has no parameter 'raet'. It knows 'epochs', 'steps' and 'rate'. Did "
             "you mean 'rate'?");
}

BOOST_FIXTURE_TEST_CASE(a_setting_with_wrong_yaml, Files) {
  BOOST_TEST(problems_with("rate={1") ==
             "--set rate={1: error: This is not valid YAML: end of map flow not found. Check the indentation (blanks, "
             "no tabs), colons, quotes and brackets here and on the line above.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_of_a_wrong_value, Files) {
  BOOST_TEST(problems_with("rate=many") ==
             "--set rate=many: error: step.a.rate: The formula names 'many', which is neither a parameter, nor of the "
             "clock, nor a function. It knows 'epoch', 'epochs', 'step', 'steps', 'iteration' and 'rate'.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_out_of_range, Files) {
  BOOST_TEST(problems_with("rate=0") == "--set rate=0: error: step.a: 'rate' must be above 0, but it is 0.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_of_an_unknown_key, Files) {
  BOOST_TEST(problems_with("step.a.raet=3") ==
             "--set step.a.raet=3: error: step.a: the node 'limited' has no input, state or parameter 'raet'. It knows "
             "'share', 'count', 'rate', 'maybe' and 'many'. Did you mean 'rate'?");
}

BOOST_FIXTURE_TEST_CASE(a_setting_of_a_missing_node, Files) {
  BOOST_TEST(problems_with("step.c.rate=3") ==
             "--set step.c.rate=3: error: 'step' has no entry 'c' to set. It has 'a'.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_of_use, Files) {
  BOOST_TEST(problems_with("use=b.yaml") ==
             "--set use=b.yaml: error: A setting cannot change which files are used. Give another data file with "
             "--data, or write a file of your own that uses both.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_that_replaces_a_section, Files) {
  BOOST_TEST(problems_with("step=3") == "--set step=3: error: 'step' must be a map of names, but here stands '3'.");
}

BOOST_FIXTURE_TEST_CASE(a_setting_of_a_future_version, Files) {
  BOOST_TEST(problems_with("version=7") ==
             "--set version=7: error: The file has format version 7, but this program reads up to version 1. Use a "
             "newer fergraph.");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_not_there, Files) {
  BOOST_TEST(problems("none.yaml") ==
             "none.yaml: error: The file does not exist or cannot be read. Check the path and its permissions.");
}

BOOST_FIXTURE_TEST_CASE(a_folder_instead_of_a_file, Files) {
  std::filesystem::create_directories(folder / "methods");
  BOOST_TEST(problems("methods") ==
             "methods: error: This is a folder, not a file. Name a pipeline file (.yaml) inside it.");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_uses_itself, Files) {
  write("a.yaml", "pipeline: a\nuse: sub/b.yaml\n");
  write("sub/b.yaml", "use: [c.yaml]\n");
  write("sub/c.yaml", "use:\n  - ../a.yaml\n");
  // The path is as the files wrote it.
  BOOST_TEST(problems("a.yaml") ==
             "sub/c.yaml:2:5: error: The file uses itself: a.yaml uses b.yaml uses c.yaml uses a.yaml. Remove one "
             "'use' of this circle.");
}

BOOST_FIXTURE_TEST_CASE(a_used_file_tells_its_own_places, Files) {
  write("base.yaml", "params: {epochs: 1, steps: 1}\nstep:\n  a: {node: cnstant}\n");
  write("a.yaml", "pipeline: a\nuse: base.yaml\nstep:\n  b: {node: add, x: a.value}\n  c: {node: ad, x: b.value}\n");
  BOOST_TEST(problems("a.yaml") ==
             "a.yaml:5:13: error: step.c: there is no node 'ad'. `fergraph nodes` lists all. Did you mean 'add'?\n"
             "base.yaml:3:13: error: step.a: there is no node 'cnstant'. `fergraph nodes` lists all. Did you mean "
             "'constant'?");
}

BOOST_FIXTURE_TEST_CASE(what_is_missing_is_told_of_the_file_that_was_named, Files) {
  write("base.yaml", "step:\n  a: {node: constant}\n");
  write("a.yaml", "use: base.yaml\nparams: {epochs: 1, steps: 1}\n");
  BOOST_TEST(problems("a.yaml") ==
             "a.yaml:1:1: error: The file does not give the pipeline's name. Add 'pipeline: NAME'.");
}

// A resolved file, a run's, has the entries of its data file already.
BOOST_FIXTURE_TEST_CASE(a_file_that_is_merged_twice_changes_nothing, Files) {
  write("base.yaml",
        "pipeline: a\nparams: {epochs: 1, steps: 1}\nstep:\n  a: {node: constant}\n  b: {node: constant}\n");
  write("more.yaml", "step:\n  c: {node: constant, value: 3, after: a}\n  b: {value: 2}\n");
  const std::string once = load_document({folder / "base.yaml", {folder / "more.yaml"}, {}}).root.flow();
  BOOST_TEST(once.find("after") == std::string::npos);
  BOOST_TEST(load_document({folder / "base.yaml", {folder / "more.yaml", folder / "more.yaml"}, {}}).root.flow() ==
             once);
}

BOOST_FIXTURE_TEST_CASE(an_overriding_entry_with_after, Files) {
  write("base.yaml",
        "pipeline: a\nparams: {epochs: 1, steps: 1}\nstep:\n  a: {node: constant}\n  b: {node: constant}\n");
  write("a.yaml", "use: base.yaml\nstep:\n  a: {value: 3, after: b}\n");
  BOOST_TEST(problems("a.yaml") ==
             "a.yaml:3:24: error: 'a' overrides an entry and keeps its place, so 'after' has no meaning here. Remove "
             "'after', or give the entry a new name.");
}

BOOST_FIXTURE_TEST_CASE(data_that_does_not_fit, Files) {
  write("a.yaml", good);
  write("data.yaml", "params: {rate: -1}\n");
  BOOST_TEST(problems("a.yaml", {}, {"data.yaml"}) ==
             "data.yaml:1:16: error: step.a: 'rate' must be above 0, but it is -1.");
  BOOST_TEST(problems("a.yaml", {"rate=2"}, {"data.yaml"}) == "");
}

BOOST_FIXTURE_TEST_CASE(mistakes_of_all_kinds_are_listed_together, Files) {
  write("base.yaml", good);
  BOOST_TEST(
      problems_of(R"(use: base.yaml
pipeline: [x]
doc: {a: 1}
sate: {}
params: {rate: foo, rate: 2}
step:
  b: {node: nose}
  c: {node: constant, after: z}
  a: {after: b}
records: {q: nix.da}
)") ==
      "a.yaml:2:11: error: 'pipeline' must be a text, but here stands a list. Write it on one line, in quotes if need "
      "be.\n"
      "a.yaml:3:6: error: 'doc' must be a text, but here stands a map. Write it on one line, in quotes if need be.\n"
      "a.yaml:4:1: error: A pipeline file has no key 'sate'. It knows 'version', 'pipeline', 'doc', 'use', 'params', "
      "'state', 'streams', 'epoch_start', 'step', 'epoch_end', 'records' and 'on_nan'. Did you mean 'state'?\n"
      "a.yaml:5:16: error: step.a.rate: The formula names 'foo', which is neither a parameter, nor of the clock, nor a "
      "function. It knows 'epoch', 'epochs', 'step', 'steps', 'iteration' and 'rate'.\n"
      "a.yaml:5:21: error: The key 'rate' stands twice in this map; it was first given at line 5. Remove or rename one "
      "of them.\n"
      "a.yaml:7:13: error: step.b: there is no node 'nose'. `fergraph nodes` lists all.\n"
      "a.yaml:8:30: error: 'c' is to stand after 'z', which is no entry of this section. It has 'a' and 'b'.\n"
      "a.yaml:9:14: error: 'a' overrides an entry and keeps its place, so 'after' has no meaning here. Remove 'after', "
      "or give the entry a new name.\n"
      "a.yaml:10:14: error: records.q refers to 'nix.da', but there is no node or state 'nix'.");
}

BOOST_FIXTURE_TEST_CASE(all_used_files_that_cannot_be_used_are_listed, Files) {
  write("folder/x.yaml", good);
  BOOST_TEST(problems_of(R"(pipeline: p
use: [none.yaml, folder, [a]]
sate: {}
)") == "a.yaml:3:1: error: A pipeline file has no key 'sate'. It knows 'version', 'pipeline', 'doc', 'use', 'params', "
       "'state', 'streams', 'epoch_start', 'step', 'epoch_end', 'records' and 'on_nan'. Did you mean 'state'?\n"
       "a.yaml:2:7: error: The used file 'none.yaml' does not exist. Paths in 'use' start at the folder of the file "
       "that "
       "names them; correct the path.\n"
       "a.yaml:2:18: error: The used file 'folder' is no file. Paths in 'use' start at the folder of the file that "
       "names "
       "them; correct the path.\n"
       "a.yaml:2:26: error: 'use' takes a file name or a list of file names, but here stands a list. Name the files "
       "alone.");
}

BOOST_AUTO_TEST_SUITE_END()
