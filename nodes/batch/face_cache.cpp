#include "nodes/batch/face_cache.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <set>

#include "datasets/splits.hpp"
#include "nodes/sizes.hpp"

namespace fergraph {
namespace {

std::string known_splits(const FaceCache& cache) {
  std::set<std::string> splits;
  for (std::int64_t i = 0; i < cache.size(); ++i) splits.emplace(cache.split(i));
  return listed({splits.begin(), splits.end()});
}

std::vector<std::int64_t> selected_rows(const FaceCache& cache, const CacheSelection& selection) {
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < cache.size(); ++i)
    if (!selection.split || cache.split(i) == *selection.split) rows.push_back(i);
  if (rows.empty())
    throw std::runtime_error("The cache '" + cache.path().string() + "' has no faces of the split '" +
                             selection.split.value_or("") + "'. It has " + known_splits(cache) + ".");
  if (selection.part == CachePart::all) return rows;
  if (selection.labels.empty())
    throw std::runtime_error("The part '" + Codec<CachePart>::show(selection.part) +
                             "' needs 'labels': how many samples keep their label.");
  std::vector<std::int64_t> labels;
  for (const std::int64_t row : rows) labels.push_back(cache.label(row));
  const auto& names = cache.provenance().class_names;
  const LabeledChoice choice = selection.labels.size() == 1
                                   ? choose_labeled(labels, names, selection.labels.front(), selection.seed)
                                   : choose_labeled(labels, names, selection.labels, selection.seed);
  if (selection.part == CachePart::labeled)
    for (const std::string& warning : choice.warnings) spdlog::warn("{}", warning);
  const std::set<std::int64_t> chosen(choice.indices.begin(), choice.indices.end());
  std::vector<std::int64_t> part;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (chosen.contains(static_cast<std::int64_t>(i)) == (selection.part == CachePart::labeled))
      part.push_back(rows[i]);
  return part;
}

}  // namespace

CacheSelection Codec<CacheSelection>::parse(const Tree& tree, const Tree* params) {
  if (!tree.is_map()) detail::wrong_value(tree, "a map such as {cache: faces.h5, split: train}");
  CacheSelection selection;
  const std::vector<std::string> known = {"cache", "split", "part", "labels", "seed"};
  for (const auto& [key, place, value] : tree.members) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw PipelineError(place, "A selection of faces has no key '" + key + "'. It knows " + listed(known) + "." +
                                     did_you_mean(key, known));
    if (value.is_nothing()) continue;
    if (key == "cache") selection.cache = Codec<std::filesystem::path>::parse(value, params);
    if (key == "split") selection.split = Codec<std::string>::parse(value, params);
    if (key == "part") selection.part = Codec<CachePart>::parse(value, params);
    if (key == "labels") selection.labels = Codec<std::vector<std::int64_t>>::parse(value, params);
    if (key == "seed") selection.seed = Codec<std::uint64_t>::parse(value, params);
  }
  if (selection.cache.empty())
    throw PipelineError(
        tree.place,
        "A selection of faces needs 'cache': the file that `fergraph run` of a preprocessing pipeline wrote.");
  return selection;
}

FaceCacheSource::FaceCacheSource(const Params& params, const Preparation& preparation)
    : cache_(std::make_shared<const FaceCache>(params.from.cache)), rows_(selected_rows(*cache_, params.from)) {
  // Only a warning: unlabeled samples of further classes are fine where nothing uses their labels.
  const Tree* classes = preparation.params ? preparation.params->find("classes") : nullptr;
  if (!classes || !classes->is_scalar() || params.from.part == CachePart::unlabeled) return;
  const auto known = Codec<std::int64_t>::parse(*classes, nullptr);
  std::int64_t largest = -1;
  for (const std::int64_t row : rows_) largest = std::max(largest, cache_->label(row));
  if (largest >= known)
    spdlog::warn("{}: '{}': {}", preparation.node, cache_->path().string(), wrong_label(largest, known));
}

Contract<FaceCacheSource> FaceCacheSource::contract() {
  return Contract<FaceCacheSource>("face_cache", "The faces of a cache, or a part of them.")
      .out(&Out::image, "image", "uint8 [H,W,3]", "the aligned face, RGB")
      .out(&Out::label, "label", "int64 []", "its class as the data set gives it")
      .out(&Out::index, "index", "int64 []", "its place in this stream, by which tables are looked up")
      .param(&Params::from, "from",
             "which faces: {cache: FILE, split: WORD, part: all | labeled | unlabeled, labels: NUMBER, seed: NUMBER}",
             required);
}

std::vector<std::int64_t> FaceCacheSource::labels() const {
  std::vector<std::int64_t> labels;
  labels.reserve(rows_.size());
  for (const std::int64_t row : rows_) labels.push_back(cache_->label(row));
  return labels;
}

std::string FaceCacheSource::sample_name(std::int64_t index) const {
  return std::string(cache_->id(rows_[static_cast<std::size_t>(index)]));
}

std::string FaceCacheSource::fingerprint() const { return cache_->provenance().fingerprint.hash; }

FaceCacheSource::Out FaceCacheSource::run(const Context& context) const {
  const std::int64_t row = rows_[static_cast<std::size_t>(context.sample)];
  const std::span<const std::uint8_t> pixels = cache_->image_checked(row);
  // OpenCV has no read-only pictures; nodes never write into their inputs.
  const cv::Mat image(cache_->shape().height, cache_->shape().width, CV_8UC3, const_cast<std::uint8_t*>(pixels.data()));
  return {{image}, {cache_->label(row)}, {context.sample}};
}

MissingFaces::MissingFaces(const Params& params) {
  const FaceCache cache(params.from.cache);
  std::vector<std::int64_t> labels;
  for (const MissingFace& each : cache.voids())
    if ((!params.from.split || each.split == *params.from.split) && each.label >= 0) labels.push_back(each.label);
  labels_ = torch::tensor(labels, torch::kInt64);
}

Contract<MissingFaces> MissingFaces::contract() {
  return Contract<MissingFaces>("missing_faces",
                                "The samples of a split in which no face was found: wrong answers of any classifier.")
      .out(&Out::labels, "labels", "int64 [M]", "their true classes")
      .out(&Out::count, "count", "number", "how many there are")
      .param(&Params::from, "from", "which faces, as for face_cache", required);
}

MissingFaces::Out MissingFaces::run() const { return {{labels_}, {static_cast<double>(labels_.size(0))}}; }

}  // namespace fergraph
