#include "nodes/batch/face_union.hpp"

#include <algorithm>

namespace fergraph {

FaceUnion::FaceUnion(const Params& params, const Preparation& preparation) {
  if (params.from.empty())
    throw std::runtime_error("A union of faces needs at least one selection in 'from', such as {cache: faces.h5}.");
  const FaceCache first(params.from.front().cache);
  const std::vector<std::string> classes = ClassNumbers(first, params.from.front()).names();
  for (const CacheSelection& selection : params.from) {
    const FaceCache cache(selection.cache);
    const std::vector<std::string> names = ClassNumbers(cache, selection).names();
    if (names != classes)
      throw std::runtime_error("'" + cache.path().string() + "' has the classes " + listed(names) + ", but '" +
                               first.path().string() + "' has " + listed(classes) +
                               ". Faces of both can only be joined when the classes and their order are the same: make "
                               "one of the caches again with the 'classes' of the other, or give the selections the "
                               "same list of 'classes'.");
    const FaceShape shape = cache.shape(), wanted = first.shape();
    if (shape.height != wanted.height || shape.width != wanted.width)
      throw std::runtime_error("'" + cache.path().string() + "' has faces of " + std::to_string(shape.width) + "x" +
                               std::to_string(shape.height) + " pixels, but those of '" + first.path().string() +
                               "' have " + std::to_string(wanted.width) + "x" + std::to_string(wanted.height) +
                               ". Make one of the caches again with the 'size' of the other.");
    parts_.push_back({std::make_unique<const FaceCacheSource>(FaceCacheSource::Params{selection}, preparation),
                      selection.part != CachePart::unlabeled});
    begins_.push_back(begins_.back() + parts_.back().faces->size());
  }
}

Contract<FaceUnion> FaceUnion::contract() {
  return Contract<FaceUnion>("face_union", "The faces of several caches, or of several parts of one, as one set.")
      .details(
          "The selections stand one after another, each as `face_cache` takes it; `index` counts through all of them. "
          "The label of a sample of a part `unlabeled` is -1 (unknown). The caches must have the same classes in the "
          "same order (or the selections the same `classes`), and faces of one size.")
      .out(&Out::image, "image", "uint8 [H,W,3]", "the aligned face, RGB")
      .out(&Out::label, "label", "int64 []", "its class as the data set gives it, or as the noise has it, or -1")
      .out(&Out::clean, "clean", "int64 []", "its class as the data set gives it")
      .out(&Out::index, "index", "int64 []", "its place in this stream, by which tables are looked up")
      .param(&Params::from, "from", "a list of selections: [{cache: a.h5, split: train}, {cache: b.h5}]", required);
}

std::pair<const FaceUnion::Part&, std::int64_t> FaceUnion::part_of(std::int64_t sample) const {
  const auto next = std::upper_bound(begins_.begin(), begins_.end(), sample);
  const auto part = static_cast<std::size_t>(next - begins_.begin()) - 1;
  return {parts_[part], sample - begins_[part]};
}

std::vector<std::int64_t> FaceUnion::labels() const {
  std::vector<std::int64_t> all;
  for (const Part& part : parts_) {
    const std::vector<std::int64_t> labels = part.faces->labels();
    if (part.labeled)
      all.insert(all.end(), labels.begin(), labels.end());
    else
      all.insert(all.end(), labels.size(), -1);
  }
  return all;
}

std::string FaceUnion::sample_name(std::int64_t index) const {
  const auto [part, within] = part_of(index);
  return part.faces->sample_name(within);
}

std::string FaceUnion::fingerprint() const {
  std::string all;
  for (const Part& part : parts_) {
    if (!all.empty()) all += ' ';
    all += part.faces->fingerprint();
  }
  return all;
}

FaceUnion::Out FaceUnion::run(const Context& context) const {
  const auto [part, within] = part_of(context.sample);
  Context inside = context;
  inside.sample = within;
  Out out = part.faces->run(inside);
  if (!part.labeled) out.label.value = -1;
  out.index.value = context.sample;
  return out;
}

}  // namespace fergraph
