#include "nodes/batch/face_cache.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "nodes/sizes.hpp"

namespace fergraph {

FaceCacheSource::FaceCacheSource(const Params& params, const Preparation& preparation)
    : cache_(std::make_shared<const FaceCache>(params.from.cache)), selected_(select_faces(*cache_, params.from)) {
  for (const std::string& warning : selected_.warnings) spdlog::warn("{}", warning);
  if (params.from.noise)
    spdlog::info("{}: {} of {} labels of '{}' are changed by noise.", preparation.node, selected_.changed,
                 selected_.faces.size(), params.from.cache.string());
  // Only a warning: unlabeled samples of further classes are fine where nothing uses their labels.
  const Tree* classes = preparation.params ? preparation.params->find("classes") : nullptr;
  if (!classes || !classes->is_scalar() || params.from.part == CachePart::unlabeled || selected_.labels.empty()) return;
  const auto known = Codec<std::int64_t>::parse(*classes, nullptr);
  const std::int64_t largest = *std::max_element(selected_.labels.begin(), selected_.labels.end());
  if (largest >= known)
    spdlog::warn("{}: '{}': {}", preparation.node, cache_->path().string(), wrong_label(largest, known));
}

Contract<FaceCacheSource> FaceCacheSource::contract() {
  return Contract<FaceCacheSource>("face_cache", "The faces of a cache, or a part of them.")
      .details(
          "`labels` is a number in total, numbers per class, a map such as {fear: 10, others: 15}, or one of fer-100, "
          "fer-400, fer-1000, fer-2000, fer-4000; per class at most half of its samples. `validation` is the share of "
          "each class that is kept apart as the part of that name. `noise` is {kind: symmetric | asymmetric, rate: "
          "NUMBER, seed: NUMBER, pairs: {fear: surprise}} or {kind: list, file: FILE, classes: [...]}, a label file in "
          "RAF-DB's format; faces of test and validation splits keep their labels. The run's folder gets the list of "
          "what was chosen (selections/). `made_by` is the preprocessing file that the cache must come from, or {file: "
          "FILE, set: {size: 64}} where it was run with other parameters; `fergraph run` refuses a cache that it would "
          "make otherwise. Labels are numbered by `classes`, names in an order of one's own, where that is given; "
          "`aliases` says what classes of other names count as, {happy: happiness}, or leaves their faces out, "
          "{contempt: ~}.")
      .out(&Out::image, "image", "uint8 [H,W,3]", "the aligned face, RGB")
      .out(&Out::label, "label", "int64 []", "its class as the data set gives it, or as the noise has it")
      .out(&Out::clean, "clean", "int64 []", "its class as the data set gives it")
      .out(&Out::index, "index", "int64 []", "its place in this stream, by which tables are looked up")
      .param(&Params::from, "from",
             "which faces: {cache: FILE, made_by: FILE, split: WORD, part: all | labeled | unlabeled | validation, "
             "labels: NUMBER, seed: "
             "NUMBER, validation: NUMBER, noise: MAP, classes: LIST, aliases: MAP}",
             required);
}

std::string FaceCacheSource::sample_name(std::int64_t index) const {
  return std::string(cache_->id(selected_.faces[static_cast<std::size_t>(index)]));
}

std::string FaceCacheSource::fingerprint() const { return cache_->provenance().fingerprint.hash; }

FaceCacheSource::Out FaceCacheSource::run(const Context& context) const {
  const auto at = static_cast<std::size_t>(context.sample);
  const std::int64_t row = selected_.faces[at];
  const FaceShape shape = cache_->shape();
  cv::Mat image;
  if (const std::size_t bytes = cache_->buffer_size(); bytes > 0) {
    image.create(shape.height, shape.width, CV_8UC3);
    cache_->read(row, {image.data, bytes});
  } else {
    // OpenCV has no read-only pictures; nodes never write into their inputs.
    image = cv::Mat(shape.height, shape.width, CV_8UC3, const_cast<std::uint8_t*>(cache_->read(row, {}).data()));
  }
  return {{image}, {selected_.labels[at]}, {selected_.clean[at]}, {context.sample}};
}

MissingFaces::MissingFaces(const Params& params) {
  const FaceCache cache(params.from.cache);
  const ClassNumbers classes(cache, params.from);
  std::vector<std::int64_t> labels;
  for (const MissingFace& each : cache.voids())
    if ((!params.from.split || each.split == *params.from.split) && each.label >= 0 && !classes.leaves_out(each.label))
      labels.push_back(each.label);
  labels_ = torch::tensor(classes.of(labels), torch::kInt64);
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
