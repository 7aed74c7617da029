#include <spdlog/spdlog.h>

#include <charconv>
#include <fstream>

#include "cache/reader.hpp"
#include "nodes/network/network.hpp"
#include "nodes/network/safetensors.hpp"
#include "report/metrics.hpp"
#include "report/model/model.hpp"
#include "report/reported_networks.hpp"
#include "report/run_checkpoint.hpp"
#include "report/run_directory.hpp"
#include "report/run_records.hpp"
#include "report/selections.hpp"
#include "report/trained_faces.hpp"

namespace fergraph {
namespace {

constexpr const char* preprocessing_file = "preprocessing.json";

// The cache of the first face that the step sees; of a pipeline without a step, of its first stream.
std::optional<std::filesystem::path> training_cache(const Pipeline& pipeline) {
  std::vector<int> streams;
  for (const NodePlan& node : pipeline.section(Section::step).nodes)
    for (const InputBinding& input : node.inputs)
      for (const ValueSource& source : input.sources)
        if (source.stream >= 0) streams.push_back(source.stream);
  for (std::size_t i = 0; i < pipeline.streams.size(); ++i) streams.push_back(static_cast<int>(i));
  for (const int stream : streams) {
    const StreamPlan& plan = pipeline.streams[static_cast<std::size_t>(stream)];
    if (plan.nodes.empty()) continue;
    if (const auto selections = selections_of(plan.nodes.front()); !selections.empty()) return selections.front().cache;
  }
  return std::nullopt;
}

FacePreprocessing preprocessing_of_cache(const std::filesystem::path& file) {
  const FaceCache cache(file);
  const Provenance& provenance = cache.provenance();
  // That of one shard names its own rows; the nodes are the same in all.
  return {provenance.pipeline, file.string(), cache.files().front()->provenance().fingerprint, cache.encoding(),
          cache.shape()};
}

// What the run wrote down, else what the cache says now.
std::optional<FacePreprocessing> preprocessing_of_run(const std::filesystem::path& run, const Pipeline& pipeline) {
  const std::filesystem::path file = run / preprocessing_file;
  if (std::ifstream in(file); in) {
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    try {
      return preprocessing_of_json(text);
    } catch (const std::exception& error) {
      throw RunError("'" + file.string() + "' cannot be used. " + error.what());
    }
  }
  const std::optional<std::filesystem::path> cache = training_cache(pipeline);
  if (!cache) return std::nullopt;
  try {
    return preprocessing_of_cache(*cache);
  } catch (const CacheError&) {
    return std::nullopt;
  }
}

// What a run whose epochs have all ended has written beside its checkpoints: the last states, one file each. A run that
// was interrupted has them too, but may have gone on since.
std::optional<RunCheckpoint> end_of_run(const std::filesystem::path& run, const Pipeline& pipeline,
                                        const std::vector<std::string>& networks) {
  const RunRecords records = read_records(run / "metrics.jsonl");
  const auto* accuracy = records.by_epoch("test.accuracy");
  if (!accuracy || static_cast<std::int64_t>(accuracy->size()) != pipeline.epochs) return std::nullopt;
  RunCheckpoint end;
  end.position.epoch = pipeline.epochs + 1;
  end.iteration = pipeline.epochs * records.steps_per_epoch;
  try {
    for (const std::string& name : networks)
      end.states[name] = read_safetensors(run / "checkpoints" / "last" / (name + ".safetensors"));
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
  return end;
}

RunCheckpoint checkpoint_of_run(const std::filesystem::path& run, const std::string& name, const Pipeline& pipeline,
                                const std::vector<std::string>& networks) {
  const std::filesystem::path folder = run / "checkpoints";
  if (name == "last") {
    std::vector<std::string> damaged;
    auto newest = CheckpointFolder::newest(folder, [&](const std::string& each) { damaged.push_back(each); });
    std::optional<RunCheckpoint> end;
    if (!newest || !damaged.empty()) end = end_of_run(run, pipeline, networks);
    for (const std::string& each : damaged)
      spdlog::warn("{}{} {}", each, each.ends_with('.') ? "" : ".",
                   end ? "What the run ended with is used, in '" + (folder / "last").string() + "'."
                       : std::string("The one before it is used."));
    if (end) return std::move(*end);
    if (newest) return std::move(*newest);
    throw RunError("The run '" + run.string() + "' has no checkpoint that is whole. Train it: fergraph run " +
                   (run / "pipeline.yaml").string() + ".");
  }
  std::error_code ignored;
  for (const std::filesystem::path& file :
       {folder / name, folder / (name + ".safetensors"), std::filesystem::path(name)})
    if (std::filesystem::is_regular_file(file, ignored)) return read_checkpoint(file);
  throw RunError("The run '" + run.string() + "' has no checkpoint '" + name + "'. Say last, best, or a file of '" +
                 folder.string() + "'.");
}

std::vector<double> accuracies_of(const std::filesystem::path& run) {
  std::vector<double> values;
  const RunRecords records = read_records(run / "metrics.jsonl");
  if (const auto* accuracy = records.by_epoch("test.accuracy"))
    for (const RecordedArray& each : *accuracy) values.push_back(each.values.front());
  return values;
}

// The entry of a state, or of the one that it is a copy of.
const Tree& original_of(const Tree& states, const std::string& name) {
  const Tree* entry = states.find(name);
  for (std::size_t i = 0; i < states.members.size(); ++i) {
    const Tree* copied = entry->find("copy_of");
    const Tree* found = copied && copied->is_scalar() ? states.find(copied->text) : nullptr;
    if (!found) break;
    entry = found;
  }
  return *entry;
}

// A model has no params: formulas over those of the run become their numbers.
Tree without_formulas(Tree value, const ParameterInfo& info, const Tree* params) {
  for (Tree& item : value.items) item = without_formulas(std::move(item), info, params);
  if (!value.is_scalar() || !info.numbers) return value;
  const char* end = value.text.data() + value.text.size();
  double written = 0;
  if (const auto [stop, error] = std::from_chars(value.text.data(), end, written); error == std::errc() && stop == end)
    return value;
  const double number = Codec<double>::parse(value, params);
  const bool is_whole = info.schema == Codec<std::int64_t>::schema;
  return Tree::scalar(is_whole ? std::to_string(static_cast<std::int64_t>(number)) : detail::shortest(number),
                      value.place);
}

Tree design_of(const Tree& states, const std::string& name, const StateType& type, const Tree* params) {
  const Tree& entry = original_of(states, name);
  Tree design;
  design.kind = Tree::Kind::map;
  for (const ParameterInfo& info : type.parameters) {
    if (info.name == "weights" || info.name == "weights_except") continue;
    const Tree* given = entry.find(info.name);
    Tree value = given && !given->is_nothing() ? *given : parse_yaml(info.default_text, "the default");
    design.members.push_back({info.name, {}, without_formulas(std::move(value), info, params)});
  }
  return design;
}

std::vector<std::string> class_names_of(const std::filesystem::path& run, const Pipeline& pipeline,
                                        std::size_t classes) {
  std::vector<std::string> names = trained_faces(run, pipeline).classes;
  for (std::size_t i = names.size(); i < classes; ++i) names.push_back("class " + std::to_string(i));
  names.resize(classes);
  return names;
}

ModelAccuracy accuracy_of(const std::vector<double>& by_epoch, const RunCheckpoint& checkpoint) {
  const AccuracySummary summary = summarise(by_epoch);
  ModelAccuracy accuracy{summary.best, summary.last, summary.mean_of_last_five, {}};
  const auto epoch = static_cast<std::size_t>(checkpoint.position.epoch - 1);
  if (checkpoint.position.step == 0 && epoch >= 1 && epoch <= by_epoch.size())
    accuracy.at_checkpoint = by_epoch[epoch - 1];
  return accuracy;
}

bool is_model(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / "model.json", ignored);
}

bool is_run(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / "pipeline.yaml", ignored);
}

}  // namespace

void write_preprocessing(const Pipeline& pipeline, const std::filesystem::path& run) {
  const std::optional<std::filesystem::path> cache = training_cache(pipeline);
  if (cache) write_whole(run / preprocessing_file, to_json(preprocessing_of_cache(*cache)));
}

Model model_of_run(const std::filesystem::path& run, const std::string& checkpoint_name, const Registry& registry) {
  const Pipeline pipeline = check_pipeline(load_document({run / "pipeline.yaml", {}, {}}), registry);
  const std::vector<std::string> names = reported_networks(pipeline);
  if (names.empty()) {
    const std::vector<std::string> known = networks_of(pipeline);
    throw RunError("No network of '" + (run / "pipeline.yaml").string() + "' makes its records test.*" +
                   (known.empty()
                        ? ": it has none. Name a run of training."
                        : ", by which a run is reported. Add one, such as test.accuracy, over " + listed(known) + "."));
  }
  RunCheckpoint checkpoint = checkpoint_of_run(run, checkpoint_name, pipeline, names);
  Model model;
  ModelCard& card = model.card;
  card.pipeline = pipeline.name;
  card.checkpoint = checkpoint_name;
  card.epoch = checkpoint.position.epoch - 1;
  card.iteration = checkpoint.iteration;
  card.seed = read_identity(run / "provenance.json").seed;
  std::ifstream provenance(run / "provenance.json");
  card.provenance.assign(std::istreambuf_iterator<char>(provenance), {});
  std::size_t classes = 0;
  for (const std::string& name : names) {
    Blobs& values = checkpoint.states[name];
    if (values.empty())
      throw RunError("The checkpoint of '" + run.string() + "' has no values of the network '" + name +
                     "'. Choose another with --checkpoint.");
    const StatePlan& plan = pipeline.states[static_cast<std::size_t>(pipeline.find_state(name))];
    card.networks.push_back({name, design_of(*pipeline.root.find("state"), name, *plan.type, pipeline.params())});
    classes = static_cast<std::size_t>(
        Codec<std::int64_t>::parse(*card.networks.back().design.find("classes"), pipeline.params()));
    model.weights[name] = std::move(values);
  }
  card.class_names = class_names_of(run, pipeline, classes);
  card.preprocessing = preprocessing_of_run(run, pipeline);
  if (const std::vector<double> by_epoch = accuracies_of(run); !by_epoch.empty())
    card.accuracy = accuracy_of(by_epoch, checkpoint);
  return model;
}

Model open_model(const std::filesystem::path& path, const std::string& checkpoint, const Registry& registry) {
  std::error_code ignored;
  const std::filesystem::path above = path.has_parent_path() ? path.parent_path() : ".";
  const bool is_card = path.filename() == "model.json" && std::filesystem::exists(path, ignored);
  if (is_card || is_model(path)) {
    Model model = read_model(is_card ? above : path);
    if (!checkpoint.empty())
      throw RunError("'" + path.string() + "' is a model and has no checkpoints: it was made of the checkpoint '" +
                     model.card.checkpoint + "' of a run of " + model.card.pipeline + ", after " +
                     std::to_string(model.card.iteration) +
                     " steps. Leave out --checkpoint, or name the folder of a run.");
    return model;
  }
  if (is_run(path)) return model_of_run(path, checkpoint.empty() ? "last" : checkpoint, registry);
  for (const std::filesystem::path& folder : {above, above.parent_path()})
    if (!folder.empty() && (is_model(folder) || is_run(folder)))
      throw RunError("'" + path.string() + "' is no folder of a " + (is_model(folder) ? "model" : "run") +
                     ", but lies in one. Name '" + folder.string() + "'" +
                     (is_model(folder) ? "." : "; which of its checkpoints is said by --checkpoint."));
  throw RunError("'" + path.string() +
                 "' is neither a run's folder (it has no pipeline.yaml) nor a model's (it has no "
                 "model.json). Name a folder such as runs/demo/..., or what fergraph export has written.");
}

}  // namespace fergraph
