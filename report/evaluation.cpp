#include "report/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cache/fingerprint.hpp"
#include "nodes/values.hpp"
#include "report/run_checkpoint.hpp"
#include "report/selections.hpp"

namespace fergraph {

namespace {

// Arrays beyond this are given as tensors, not as numbers.
constexpr std::size_t largest_record = 1024;

// Takes what the evaluation records.
class Harvest : public RunObserver {
 public:
  explicit Harvest(Evaluation& evaluation) : evaluation_(evaluation) {}

  torch::Tensor index, labels;

  void recorded(Section, const Clock&, const std::vector<RecordedValue>& values) override {
    const std::string measured = evaluation_record::measured;
    for (const RecordedValue& each : values) {
      const std::string& name = *each.name;
      if (name == evaluation_record::probs) evaluation_.probs = tensor<Probs>(each);
      if (name == evaluation_record::logits) evaluation_.logits = tensor<Logits>(each);
      if (name == evaluation_record::features) evaluation_.features = tensor<Features>(each);
      if (name == evaluation_record::labels) labels = tensor<Labels>(each);
      if (name == evaluation_record::index) index = tensor<Index>(each);
      if (!name.starts_with("test.") && !name.starts_with(measured)) continue;
      const auto numbers = each.numbers();
      if (!numbers || numbers->size() > largest_record) continue;
      if (name.starts_with("test."))
        evaluation_.records[name] = *numbers;
      else
        evaluation_.measured[name.substr(measured.size())] = *numbers;
    }
  }
  void void_sample(const VoidSample&) override { ++evaluation_.voids; }

 private:
  template <class T>
  static torch::Tensor tensor(const RecordedValue& value) {
    if (value.type != &value_type<T>) return {};
    return static_cast<const T*>(value.value)->tensor.detach().to(torch::kCPU).contiguous();
  }

  Evaluation& evaluation_;
};

std::vector<std::int64_t> numbers_in(const torch::Tensor& tensor) {
  const std::int64_t* begin = tensor.data_ptr<std::int64_t>();
  return {begin, begin + tensor.numel()};
}

// Where the samples of a source come from, one after the other.
EvaluatedFaces origins_of(const std::vector<CacheSelection>& selections, bool hides_unlabeled) {
  EvaluatedFaces all;
  for (const CacheSelection& selection : selections) {
    const FaceCache cache(selection.cache);
    const SelectedFaces selected = select_faces(cache, selection);
    const bool hidden = selection.part == CachePart::unlabeled && (hides_unlabeled || selections.size() > 1);
    const auto known = std::find(all.caches.begin(), all.caches.end(), selection.cache.string());
    const auto number = static_cast<std::int32_t>(known - all.caches.begin());
    if (known == all.caches.end()) all.caches.push_back(selection.cache.string());
    for (std::size_t i = 0; i < selected.faces.size(); ++i) {
      all.cache.push_back(number);
      all.face.push_back(selected.faces[i]);
      all.ids.emplace_back(cache.id(selected.faces[i]));
      all.given.push_back(hidden ? -1 : selected.labels[i]);
      all.actual.push_back(selected.clean[i]);
    }
  }
  return all;
}

EvaluatedFaces faces_of_rows(EvaluatedFaces all, std::vector<std::int64_t> index,
                             const std::vector<std::int64_t>& labels) {
  EvaluatedFaces rows;
  rows.caches = std::move(all.caches);
  for (std::size_t i = 0; i < index.size(); ++i) {
    const auto at = static_cast<std::size_t>(index[i]);
    const bool known = at < all.face.size();
    rows.cache.push_back(known ? all.cache[at] : -1);
    rows.face.push_back(known ? all.face[at] : -1);
    rows.ids.push_back(known ? std::move(all.ids[at]) : std::string());
    rows.given.push_back(known ? all.given[at] : labels[i]);
    rows.actual.push_back(known ? all.actual[at] : labels[i]);
  }
  rows.index = std::move(index);
  return rows;
}

std::string size_text(int width, int height) { return std::to_string(width) + "x" + std::to_string(height); }

// What decided the pixels otherwise than those that the run was trained with: not the photographs, which are others.
std::vector<std::string> other_preprocessing(const std::string& trained, const FaceCache& cache) {
  using Json = nlohmann::ordered_json;
  Json before = Json::parse(trained, nullptr, /*allow_exceptions=*/false);
  Json now = Json::parse(cache.files().front()->provenance().fingerprint.json, nullptr, /*allow_exceptions=*/false);
  if (!before.is_object() || !now.is_object()) return {};
  for (Json* each : {&before, &now})
    for (auto entry = each->begin(); entry != each->end();)
      entry =
          entry.key() == rows_setting || entry.key().starts_with("data of ") ? each->erase(entry) : std::next(entry);
  return describe_change(before.dump(), now.dump());
}

}  // namespace

double Evaluation::number(const std::string& output) const {
  const auto found = measured.find(output);
  return found == measured.end() || found->second.size() != 1 ? std::nan("") : found->second.at(0);
}

EvaluatedRun::EvaluatedRun(std::filesystem::path directory, const Registry& registry)
    : directory_(std::move(directory)), registry_(registry) {
  if (!std::filesystem::exists(directory_ / "pipeline.yaml"))
    throw RunError("The directory '" + directory_.string() +
                   "' holds no run: it has no 'pipeline.yaml'. Check the path.");
  document_ = load_document({directory_ / "pipeline.yaml", {}, {}});
  pipeline_ = check_pipeline(document_, registry);
  if (!pipeline_.trains())
    throw RunError("The run '" + directory_.string() +
                   "' preprocesses faces and trains no network, so there is nothing to evaluate.");
  trained_ = trained_faces(directory_, pipeline_);
}

Evaluation EvaluatedRun::evaluate(const MeasuredFaces& what, const SavedStates& states,
                                  const EvaluationOptions& options) const {
  Evaluation evaluation;
  evaluation.name = what.name;
  evaluation.data = what.data;
  evaluation.checkpoint = states.name;
  evaluation.class_names = trained_.classes;
  OtherFaces faces = what.faces;
  if (faces.stream.empty()) faces.classes = trained_.classes;
  EvaluationPipeline measuring = evaluation_pipeline(document_, faces, registry_);

  if (!measuring.selections.empty()) {
    const FaceCache cache(measuring.selections.front().cache);
    const FaceShape shape = cache.shape();
    const bool known = trained_.width > 0 && measuring.takes_faces_as_they_are;
    if (known && (shape.width != trained_.width || shape.height != trained_.height)) {
      if (!what.resize)
        throw RunError("The faces of '" + cache.path().string() + "' have " + size_text(shape.width, shape.height) +
                       " pixels, but the run was trained with faces of " + size_text(trained_.width, trained_.height) +
                       ". Make the cache with that size (--set size=" + std::to_string(trained_.width) +
                       " of its preprocessing file), or let the faces be resized: --resize.");
      faces.width = trained_.width;
      faces.height = trained_.height;
      measuring = evaluation_pipeline(document_, faces, registry_);
    }
    for (const std::string& sentence : other_preprocessing(trained_.settings, cache))
      evaluation.warnings.push_back("The faces of '" + cache.path().string() +
                                    "' were made otherwise than those that the run was trained with. " + sentence);
  }
  evaluation.networks = measuring.networks;

  Harvest harvest(evaluation);
  RunOptions run_options;
  run_options.threads = options.threads;
  run_options.device = options.device;
  run_options.stop = options.stop;
  run_options.observer = &harvest;
  RunCheckpoint checkpoint;
  for (const StatePlan& state : measuring.pipeline.states) checkpoint.states[state.name] = states.blobs(state.name);
  Run run(std::move(measuring.pipeline), run_options);
  restore_states(run, checkpoint);
  run.measure(states.clock);
  if (!evaluation.probs.defined() || !harvest.index.defined())
    throw RunError("The networks of '" + directory_.string() + "' are not tested at epoch " +
                   std::to_string(states.clock.epoch) +
                   ", because of a 'when' of the nodes that do. Measure a checkpoint of another epoch.");
  evaluation.faces = faces_of_rows(
      origins_of(measuring.selections, !faces.stream.empty()), numbers_in(harvest.index),
      harvest.labels.defined() ? numbers_in(harvest.labels)
                               : std::vector<std::int64_t>(static_cast<std::size_t>(harvest.index.numel()), -1));
  if (static_cast<std::int64_t>(evaluation.class_names.size()) != evaluation.probs.size(1)) {
    evaluation.class_names.clear();
    for (std::int64_t c = 0; c < evaluation.probs.size(1); ++c) evaluation.class_names.push_back(std::to_string(c));
  }
  return evaluation;
}

}  // namespace fergraph
