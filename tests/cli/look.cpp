// The commands that look at pipeline files and nodes without running anything.
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "graph/document.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

namespace {

// Data files only stand over or under others.
std::vector<std::filesystem::path> shipped_files() {
  std::vector<std::filesystem::path> files = {pipelines + "/demo.yaml"};
  for (const std::string folder : {"/methods", "/faces"})
    for (const auto& entry : std::filesystem::directory_iterator(pipelines + folder))
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  return files;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check)

BOOST_AUTO_TEST_CASE(a_good_file_is_told_to_be_fine) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, {"check", pipelines + "/methods/baseline.yaml"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out ==
             "pipelines/methods/baseline.yaml is fine: 9 nodes in 2 streams and 2 sections, 3 states, 11 records.\n");
}

BOOST_AUTO_TEST_CASE(all_errors_are_listed_with_their_places) {
  const Scratch scratch;
  scratch.write("bad.yaml", R"(version: 1
pipeline: bad
params: {epochs: 2, stpes: 3}
state:
  net: {kind: netwrk, backbone: tinynet}
streams:
  s:
    faces: {node: face_cache, from: {cache: x.h5, slpit: train}}
    weak: {node: augmnt, image: faces.image}
step:
  seen: {node: forward, net: ntt, images: s.weak}
records: {loss: seen.lss}
)");
  const Outcome outcome = run(scratch.folder, {"check", "bad.yaml"});
  BOOST_TEST(outcome.code == 2);
  BOOST_TEST(outcome.out == "");
  const std::vector<std::string> lines = lines_of(outcome.err);
  BOOST_REQUIRE_EQUAL(lines.size(), 7u);
  BOOST_TEST(has(lines[0], "bad.yaml:3:9: error: A pipeline with a step needs the parameter 'steps'"));
  BOOST_TEST(has(lines[1], "bad.yaml:5:15: error: state.net: there is no kind of state 'netwrk'."));
  BOOST_TEST(has(lines[1], "Did you mean 'network'?"));
  BOOST_TEST(has(lines[2], "bad.yaml:8:51: error: streams.s.faces.from: A selection of faces has no key 'slpit'."));
  BOOST_TEST(has(lines[3], "bad.yaml:9:18: error: streams.s.weak: there is no node 'augmnt'."));
  BOOST_TEST(has(lines[4], "bad.yaml:11:30: error: step.seen: 'net' takes a state, but there is no 'ntt' above it."));
  BOOST_TEST(has(lines[5], "bad.yaml:12:17: error: records.loss: 'seen' (forward) has no output 'lss'."));
  BOOST_TEST(lines[6] == "6 errors.");
}

BOOST_AUTO_TEST_CASE(a_data_file_is_told_to_be_one) {
  const Scratch scratch;
  for (const std::string name : {"csv", "demo"})
    for (const std::string command : {"check", "graph", "run"}) {
      const Outcome outcome = run(scratch.folder, {command, pipelines + "/data/" + name + ".yaml"});
      BOOST_TEST(outcome.code == 2);
      const std::string file = "pipelines/data/" + name + ".yaml";
      BOOST_TEST(outcome.err ==
                 file +
                     ": error: This is a data file: it has parameters, but neither a name ('pipeline'), 'streams' "
                     "nor a 'step'. Give it to a method: METHOD.yaml --data " +
                     file + ".\n");
    }
}

BOOST_AUTO_TEST_CASE(passes_over_two_streams_do_not_go_together) {
  const Scratch scratch;
  scratch.write("mixed.yaml", "use: " + pipelines + R"(/methods/baseline.yaml
epoch_end:
  other: {node: pass, images: labeled.plain, nets: [net], after: tested}
  result: {labels: other.labels}
)");
  const Outcome outcome = run(scratch.folder, {"check", "mixed.yaml"});
  BOOST_TEST(outcome.code == 2);
  BOOST_TEST(has(outcome.err,
                 "mixed.yaml:4:20: error: epoch_end.result: 'labels' counts all of 'labeled' along its axis N, but "
                 "'probs' counts all of 'test' there."));
}

BOOST_AUTO_TEST_CASE(files_that_are_no_pipelines_are_refused) {
  const Scratch scratch;
  scratch.write("broken.yaml", "pipeline: [unclosed\n");
  scratch.write("empty.yaml", "");
  scratch.write("binary.yaml", std::string("\xff\xfe\0binary", 9));
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& message) {
    const Outcome outcome = run(scratch.folder, arguments);
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(has(outcome.err, message));
  };
  refused({"check", "broken.yaml"}, "broken.yaml:2:1: error: This is not valid YAML");
  refused({"check", "empty.yaml"}, "empty.yaml:1:1: error: The file does not give the pipeline's name.");
  refused({"check", "binary.yaml"}, "binary.yaml");
  refused({"check", "."}, ".: error: This is a folder, not a file.");
  refused({"check", "none.yaml"}, "none.yaml: error: The file does not exist or cannot be read.");
  const std::string good = pipelines + "/methods/baseline.yaml";
  refused({"check", good, "--data", "none.yaml"}, "none.yaml: error: The file does not exist or cannot be read.");
  refused({"check", good, "--set", "nothing"}, "--set nothing: error: A setting has the form name=value");
  refused({"check", good, "--set", "bacth_labeled=3"}, "Did you mean 'batch_labeled'?");
  refused({"check", good, "--set", "state.net.backbone=restnet18"}, "Did you mean 'resnet18'?");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(nodes)

BOOST_AUTO_TEST_CASE(all_nodes_and_states_are_listed) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, {"nodes"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out.starts_with("Nodes\n"));
  BOOST_TEST(has(outcome.out, "\n  cross_entropy "));
  BOOST_TEST(has(outcome.out, "\n  batch "));
  BOOST_TEST(has(outcome.out, "\nKinds of state\n"));
  BOOST_TEST(has(outcome.out, "\n  network "));
}

BOOST_AUTO_TEST_CASE(one_node_is_told_in_full) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, {"nodes", "cross_entropy"});
  BOOST_TEST(outcome.code == 0);
  for (const std::string part :
       {"cross_entropy: ", "\nInputs\n", "  logits           float [N,C], scores before softmax\n", "\nParameters\n",
        "  smoothing ", "must lie in 0 … 1", "\nOutputs\n", "  loss             float []"})
    BOOST_TEST(has(outcome.out, part));
  BOOST_TEST(run(scratch.folder, {"nodes", "adam"}).out.starts_with("adam: "));
  BOOST_TEST(run(scratch.folder, {"nodes", "batch"}).out.starts_with("batch: "));
}

BOOST_AUTO_TEST_CASE(an_unknown_node_offers_the_nearest) {
  const Scratch scratch;
  const Outcome nonsense = run(scratch.folder, {"nodes", "nonsense"});
  BOOST_TEST(nonsense.code == 2);
  BOOST_TEST(nonsense.err == "There is no node or kind of state 'nonsense'. `fergraph nodes` lists all.\n");
  const Outcome near = run(scratch.folder, {"nodes", "cros_entropy"});
  BOOST_TEST(near.code == 2);
  BOOST_TEST(has(near.err, "Did you mean 'cross_entropy'?"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(the_schema_knows_every_key_of_the_shipped_pipelines) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, {"schema"});
  BOOST_TEST(outcome.code == 0);
  const nlohmann::json schema = nlohmann::json::parse(outcome.out, nullptr, false);
  BOOST_REQUIRE(schema.is_object());

  // kind of node or state → its keys
  std::map<std::string, std::set<std::string>> known;
  for (const std::string definition : {"node", "state"})
    for (const nlohmann::json& each : schema["$defs"][definition]["allOf"]) {
      const std::string name = each["if"]["properties"].begin().value()["const"];
      for (const auto& [key, doc] : each["then"]["properties"].items()) known[name].insert(key);
    }
  for (const std::filesystem::path& file : shipped_files()) {
    const fergraph::Tree root = fergraph::load_document({file, {}, {}}).root;
    for (const auto& section : root.members) {
      BOOST_TEST(schema["properties"].contains(section.key), file << ": " << section.key);
      std::vector<const fergraph::Tree*> maps;
      if (section.key == "streams")
        for (const auto& stream : section.value.members) maps.push_back(&stream.value);
      else if (section.key != "params" && section.key != "records" && section.value.is_map())
        maps.push_back(&section.value);
      for (const fergraph::Tree* map : maps)
        for (const auto& entry : map->members) {
          const fergraph::Tree* kind = entry.value.find(section.key == "state" ? "kind" : "node");
          if (!kind) continue;  // a data file adds to entries of the method's
          for (const auto& key : entry.value.members)
            BOOST_TEST(known[kind->text].contains(key.key),
                       file << ": " << section.key << "." << entry.key << "." << key.key);
        }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(diff)

BOOST_AUTO_TEST_CASE(differences_are_listed_by_place) {
  const Scratch scratch;
  scratch.write("a.yaml", "pipeline: a\nparams: {lr: 0.1, epochs: 3, own: 1}\n");
  scratch.write("b.yaml", "use: a.yaml\nparams: {lr: 0.2}\n");
  const Outcome outcome = run(scratch.folder, {"diff", "a.yaml", "b.yaml"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out == "params.lr\n  - 0.1\n  + 0.2\n");
  const Outcome same = run(scratch.folder, {"diff", "a.yaml", "a.yaml"});
  BOOST_TEST(same.out == "The two files mean the same.\n");
  BOOST_TEST(run(scratch.folder, {"diff", "a.yaml", "none.yaml"}).code == 2);
}

BOOST_AUTO_TEST_CASE(differences_are_told_in_the_words_of_the_files_in_the_order_of_their_sections) {
  const Scratch scratch;
  scratch.write("a.yaml", "pipeline: a\nparams:\n  lr: 0.1  # as printed\n  mark: \"#1\"\nrecords: {}\n");
  scratch.write("b.yaml",
                "use: a.yaml\npipeline: b\nparams:\n  lr: 0.2  # as run\n  mark: ~\nrecords: {r.s: x.y}\n"
                "step: {x: {node: n, at: 1}}  # new\n");
  const Outcome outcome = run(scratch.folder, {"diff", "a.yaml", "b.yaml"});
  BOOST_TEST(outcome.out ==
             "pipeline\n  - a\n  + b\n"
             "params.lr\n  - 0.1  # as printed\n  + 0.2  # as run\n"
             "params.mark\n  - \"#1\"\n  + ~\n"
             "step.x\n  + {node: n, at: 1}  # new\n"
             "records.r.s\n  + x.y\n");
}

BOOST_AUTO_TEST_CASE(two_shipped_methods_differ_in_their_step) {
  const Scratch scratch;
  const Outcome outcome =
      run(scratch.folder, {"diff", pipelines + "/methods/baseline.yaml", pipelines + "/methods/ada-cm.yaml"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(has(outcome.out, "\nstep.guess"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(graph)

BOOST_AUTO_TEST_CASE(dot_names_every_node) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, {"graph", pipelines + "/methods/ada-cm.yaml"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out.starts_with("digraph "));
  const fergraph::Tree root = fergraph::load_document({pipelines + "/methods/ada-cm.yaml", {}, {}}).root;
  for (const std::string section : {"step", "epoch_end"})
    for (const auto& node : root.find(section)->members)
      BOOST_TEST(has(outcome.out, "\"" + section + "." + node.key + "\" [label="));
  for (const auto& stream : root.find("streams")->members)
    for (const auto& node : stream.value.members)
      BOOST_TEST(has(outcome.out, "\"streams." + stream.key + "." + node.key + "\" [label="));
}

BOOST_AUTO_TEST_CASE(drawings_go_to_files) {
  const Scratch scratch;
  const std::string file = pipelines + "/methods/baseline.yaml";
  BOOST_TEST(run(scratch.folder, {"graph", file, "-o", "a.dot"}).code == 0);
  BOOST_TEST(text_of(scratch.folder / "a.dot").starts_with("digraph "));
  const Outcome picture = run(scratch.folder, {"graph", file, "-o", "a.png"});
  BOOST_TEST(picture.code == 1);
  BOOST_TEST(has(picture.err, "'a.png' names no kind of drawing that is known here. Use .svg, or .dot"));
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "a.png"));
  const Outcome nowhere = run(scratch.folder, {"graph", file, "-o", "no/where.svg"});
  BOOST_TEST(nowhere.code == 1);
  BOOST_TEST(has(nowhere.err, "could not be written. Check the folder and the free space."));
}

BOOST_AUTO_TEST_CASE(graphviz_draws_svg_where_it_is_installed) {
  if (std::system("command -v dot >/dev/null 2>&1") != 0) {
    BOOST_TEST_MESSAGE("Graphviz is not installed, so this case is skipped");
    return;
  }
  const Scratch scratch;
  const std::string file = pipelines + "/methods/baseline.yaml";
  // Neither quotes nor a leading dash may reach the shell as more than a name.
  for (const std::string name : {"a.svg", "-it's.svg"}) {
    BOOST_TEST(run(scratch.folder, {"graph", file, "--out=" + name}).code == 0);
    BOOST_TEST(has(text_of(scratch.folder / name), "</svg>"));
  }
  BOOST_TEST(scratch.ending(".dot").empty());
}

BOOST_AUTO_TEST_SUITE_END()
