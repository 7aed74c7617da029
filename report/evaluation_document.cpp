#include "report/evaluation_document.hpp"

#include <algorithm>
#include <set>

#include "nodes/tensor_blob.hpp"
#include "nodes/values.hpp"
#include "report/selections.hpp"

namespace fergraph {
namespace {

const NodePlan& node_at(const Pipeline& pipeline, int node) {
  return pipeline.section(Section::epoch_end).nodes[static_cast<std::size_t>(node)];
}

// The first source of an input, or nullptr where nothing is bound to it.
const ValueSource* source_of(const NodePlan& node, const std::string& port) {
  for (const InputBinding& binding : node.inputs)
    if (node.type->inputs[static_cast<std::size_t>(binding.port)].name == port && !binding.sources.empty())
      return &binding.sources.front();
  return nullptr;
}

// What measures: the node `accuracy` behind the records test.*, that of test.accuracy before others.
int find_measure(const Pipeline& pipeline) {
  int found = -1;
  for (const RecordPlan& record : pipeline.records) {
    if (!record.name.starts_with("test.")) continue;
    for (const RecordSource& source : record.sources)
      if (source.node >= 0 && source.section == Section::epoch_end &&
          node_at(pipeline, source.node).type->name == "accuracy" && (found < 0 || record.name == "test.accuracy"))
        found = source.node;
  }
  return found;
}

// Everything that stays.
struct Kept {
  std::set<int> nodes, streams, states;

  void add_state(int state, const Pipeline& pipeline) {
    if (!states.insert(state).second) return;
    for (const StateBinding& link : pipeline.states[static_cast<std::size_t>(state)].links)
      for (const int other : link.states) add_state(other, pipeline);
  }
  void add_node(int node, const Pipeline& pipeline, const std::string& without = {}) {
    if (!nodes.insert(node).second) return;
    const NodePlan& plan = node_at(pipeline, node);
    for (const InputBinding& binding : plan.inputs) {
      if (plan.type->inputs[static_cast<std::size_t>(binding.port)].name == without) continue;
      for (const ValueSource& source : binding.sources) {
        if (source.node >= 0) add_node(source.node, pipeline);
        if (source.stream >= 0) streams.insert(source.stream);
      }
    }
    for (const StateBinding& binding : plan.states)
      for (const int state : binding.states) add_state(state, pipeline);
  }
};

bool is_measured_alone(const RecordPlan& record) {
  return record.name.starts_with("test.") &&
         std::all_of(record.sources.begin(), record.sources.end(), [](const RecordSource& source) {
           return source.state >= 0 || source.section == Section::epoch_end;
         });
}

class Cutter {
 public:
  Cutter(const Document& run, const OtherFaces& faces, const Registry& registry)
      : faces_(faces),
        registry_(registry),
        document_(faces.merged ? *faces.merged : run),
        trained_(check_pipeline(run, registry)),
        pipeline_(check_pipeline(document_, registry)) {}

  EvaluationPipeline cut() {
    find();
    cut_sections();
    cut_states();
    keep_classes();
    feed();
    add_records();
    result_.pipeline = check_pipeline(document_, registry_);
    const int stream = result_.pipeline.find_stream(result_.stream);
    result_.selections = selections_of(result_.pipeline.streams[static_cast<std::size_t>(stream)].nodes.front());
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw RunError("The pipeline '" + trained_.file + "' cannot be evaluated: " + why);
  }

  void find() {
    measure_ = find_measure(pipeline_);
    if (measure_ < 0)
      refuse(
          "none of its records test.* is made by a node 'accuracy' at the end of an epoch. Add one, such as "
          "test.accuracy: result.accuracy.");
    const bool other_stream = !faces_.stream.empty();
    // A sample without a face is missing in the set that is tested, whatever other faces are measured.
    kept_.add_node(measure_, pipeline_, other_stream ? "missing" : "");
    passes_ = kept_.nodes;
    std::erase_if(passes_, [&](int node) { return node_at(pipeline_, node).type->name != "pass"; });
    const ValueSource* labels = source_of(node_at(pipeline_, measure_), "labels");
    if (passes_.empty() || !labels || !passes_.count(labels->node))
      refuse("what its node '" + node_at(pipeline_, measure_).name +
             "' measures comes from no pass. Take probs and labels from a node 'pass'.");
    const ValueSource* images = source_of(node_at(pipeline_, labels->node), "images");
    stream_ = images->stream;
    item_ = images->item;
    result_.stream = stream().name;
    if (other_stream) return;
    for (const RecordPlan& record : pipeline_.records) {
      if (!is_measured_alone(record)) continue;
      for (const RecordSource& source : record.sources) {
        if (source.node >= 0) kept_.add_node(source.node, pipeline_);
        if (source.state >= 0) kept_.add_state(source.state, pipeline_);
      }
    }
  }

  const StreamPlan& stream() const { return pipeline_.streams[static_cast<std::size_t>(stream_)]; }
  Tree& section(const char* name) { return *document_.root.find(name); }

  void cut_sections() {
    document_.root.erase("epoch_start");
    document_.root.erase("step");
    std::erase_if(section("epoch_end").members, [&](const Tree::Member& entry) {
      return std::none_of(kept_.nodes.begin(), kept_.nodes.end(),
                          [&](int node) { return node_at(pipeline_, node).name == entry.key; });
    });
    std::erase_if(section("streams").members, [&](const Tree::Member& entry) {
      return std::none_of(kept_.streams.begin(), kept_.streams.end(), [&](int each) {
        return pipeline_.streams[static_cast<std::size_t>(each)].name == entry.key;
      });
    });
    if (!faces_.stream.empty()) section("epoch_end").find(node_at(pipeline_, measure_).name)->erase("missing");
  }

  // The states are the run's: other data may bring parameters that would make others.
  void cut_states() {
    const Tree* states = trained_.root.find("state");
    std::set<std::string> wanted;
    for (const int state : kept_.states) wanted.insert(pipeline_.states[static_cast<std::size_t>(state)].name);
    Tree& own = section("state");
    own = *states;
    std::erase_if(own.members, [&](const Tree::Member& entry) { return !wanted.count(entry.key); });
    for (Tree::Member& entry : own.members)
      for (const char* initial : {"weights", "weights_except"}) entry.value.erase(initial);
  }

  void keep_classes() {
    Tree* params = document_.root.find("params");
    for (const char* name : {"classes", "class_names"}) {
      const Tree* value = trained_.params() ? trained_.params()->find(name) : nullptr;
      if (Tree* there = params ? params->find(name) : nullptr; there && value) *there = *value;
    }
  }

  static void edit_selection(Tree& selection, const OtherFaces& faces) {
    const auto set = [&](const char* key, Tree value) {
      selection.erase(key);
      selection.members.push_back({key, selection.place, std::move(value)});
    };
    if (!selection.is_map() || !selection.find("cache")) return;
    if (faces.split) set("split", Tree::scalar(*faces.split, selection.place));
    if (faces.classes.empty() || selection.find("classes")) return;
    Tree list;
    list.kind = Tree::Kind::list;
    list.place = selection.place;
    for (const std::string& name : faces.classes) {
      list.items.push_back(Tree::scalar(name, selection.place));
      list.items.back().quoted = true;
    }
    set("classes", std::move(list));
  }

  // Puts the chosen faces into the measured stream, and into nodes that look into the same caches.
  void feed() {
    const Tree& inserted = *pipeline_.root.find("streams");
    const int from = faces_.stream.empty() ? stream_ : pipeline_.find_stream(faces_.stream);
    if (from < 0) refuse("it has no stream '" + faces_.stream + "'.");
    const NodePlan& source = pipeline_.streams[static_cast<std::size_t>(from)].nodes.front();
    Tree entry = *inserted.find(pipeline_.streams[static_cast<std::size_t>(from)].name)->find(source.name);
    const Tree before = entry.find("from") ? *entry.find("from") : Tree();
    if (Tree* selection = entry.find("from"); selection && faces_.stream.empty()) {
      edit_selection(*selection, faces_);
      for (Tree& item : selection->items) edit_selection(item, faces_);
      const Tree* nodes = pipeline_.root.find("epoch_end");
      for (Tree::Member& node : section("epoch_end").members) {
        const Tree* own = nodes->find(node.key)->find("from");
        if (own && own->same(before)) *node.value.find("from") = *selection;
      }
    }
    Tree& own = *section("streams").find(result_.stream);
    const std::string name = stream().nodes.front().name;
    *own.find(name) = std::move(entry);
    complete_batch(own, name);
    resize(own, name);
  }

  // Rows are told apart by the items `label` and `index`, which a pass hands on.
  static void complete_batch(Tree& stream, const std::string& source) {
    Tree& items = *stream.members.back().value.find("items");
    for (const char* item : {"label", "index"})
      if (!items.find(item)) items.members.push_back({item, items.place, Tree::scalar(source + "." + item)});
  }

  void resize(Tree& own, const std::string& source) {
    const std::string image = source + ".image";
    const Tree* item =
        own.members.back().value.find("items")->find(stream().batch->items[static_cast<std::size_t>(item_)].name);
    result_.takes_faces_as_they_are = item && item->text == image;
    if (faces_.width == 0) return;
    const std::string resized = "resized_" + source;
    for (Tree::Member& member : own.members) redirect(member.value, image, resized + ".image");
    std::string size = std::to_string(faces_.width);
    if (faces_.width != faces_.height) size = shape_text({faces_.width, faces_.height});
    Tree node = parse_yaml("{node: augment, image: " + image + ", ops: [{resize: {size: " + size + "}}]}", "resizing");
    own.members.insert(own.members.begin() + 1, {resized, own.place, std::move(node)});
  }

  static void redirect(Tree& tree, const std::string& from, const std::string& to) {
    if (tree.is_scalar() && tree.text == from) tree.text = to;
    for (Tree& item : tree.items) redirect(item, from, to);
    for (Tree::Member& member : tree.members) redirect(member.value, from, to);
  }

  void add_records() {
    Tree& records = section("records");
    std::erase_if(records.members, [&](const Tree::Member& entry) {
      return !faces_.stream.empty() ||
             std::none_of(pipeline_.records.begin(), pipeline_.records.end(), [&](const RecordPlan& record) {
               return record.name == entry.key && is_measured_alone(record);
             });
    });
    const auto add = [&](const std::string& name, const std::string& what) {
      Tree value = Tree::scalar(what, records.place);
      value.quoted = true;
      records.members.push_back({name, records.place, std::move(value)});
    };
    const NodePlan& measure = node_at(pipeline_, measure_);
    const ValueSource& probs = *source_of(measure, "probs");
    const NodePlan& pass = node_at(pipeline_, *passes_.begin());
    const bool direct = passes_.count(probs.node) > 0;
    add(evaluation_record::probs, probs.text);
    if (direct) {
      std::string logits = node_at(pipeline_, probs.node).name + ".logits";
      if (probs.part >= 0) logits += shape_text({probs.part});
      add(evaluation_record::logits, logits);
    }
    add(evaluation_record::features, (direct ? node_at(pipeline_, probs.node) : pass).name + ".features");
    const NodePlan& labels = node_at(pipeline_, source_of(measure, "labels")->node);
    add(evaluation_record::labels, labels.name + ".labels");
    add(evaluation_record::index, labels.name + ".index");
    for (const OutputPort& output : measure.type->outputs)
      if (output.form.type->numbers) add(evaluation_record::measured + output.name, measure.name + "." + output.name);
    for (const int each : passes_)
      if (!direct || each == probs.node)
        for (const StateBinding& binding : node_at(pipeline_, each).states)
          for (std::size_t i = 0; i < binding.states.size(); ++i)
            if (!direct || probs.part < 0 || probs.part == static_cast<int>(i))
              result_.networks.push_back(pipeline_.states[static_cast<std::size_t>(binding.states[i])].name);
  }

  const OtherFaces& faces_;
  const Registry& registry_;
  Document document_;
  Pipeline trained_, pipeline_;
  int measure_ = -1, stream_ = -1, item_ = -1;
  std::set<int> passes_;
  Kept kept_;
  EvaluationPipeline result_;
};

}  // namespace

EvaluationPipeline evaluation_pipeline(const Document& run, const OtherFaces& faces, const Registry& registry) {
  return Cutter(run, faces, registry).cut();
}

std::vector<int> streams_of_step(const Pipeline& pipeline) {
  std::set<int> streams;
  for (const NodePlan& node : pipeline.section(Section::step).nodes)
    for (const InputBinding& binding : node.inputs)
      for (const ValueSource& source : binding.sources)
        if (source.stream >= 0) streams.insert(source.stream);
  return {streams.begin(), streams.end()};
}

bool gives_labels(const StreamPlan& stream) {
  return stream.batch && std::any_of(stream.batch->items.begin(), stream.batch->items.end(),
                                     [](const StreamItem& item) { return item.type == &value_type<Labels>; });
}

}  // namespace fergraph
