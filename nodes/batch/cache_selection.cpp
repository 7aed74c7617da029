#include "nodes/batch/cache_selection.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "datasets/noise_list.hpp"
#include "datasets/raf_db.hpp"
#include "datasets/splits.hpp"

namespace fergraph {
namespace {

std::string known_splits(const FaceCache& cache) {
  std::set<std::string> splits;
  for (std::int64_t i = 0; i < cache.size(); ++i) splits.emplace(cache.split(i));
  return listed({splits.begin(), splits.end()});
}

[[noreturn]] void no_key(const Place& place, const std::string& what, const std::string& key,
                         const std::vector<std::string>& known) {
  throw PipelineError(place,
                      what + " has no key '" + key + "'. It knows " + listed(known) + "." + did_you_mean(key, known));
}

std::vector<std::int64_t> labels_of(const FaceCache& cache, const ClassNumbers& classes,
                                    const std::vector<std::int64_t>& faces) {
  std::vector<std::int64_t> labels;
  labels.reserve(faces.size());
  for (const std::int64_t face : faces) labels.push_back(cache.label(face));
  return classes.of(labels);
}

template <class T>
std::vector<T> at(const std::vector<T>& values, const std::vector<std::int64_t>& indices) {
  std::vector<T> chosen;
  chosen.reserve(indices.size());
  for (const std::int64_t index : indices) chosen.push_back(values[static_cast<std::size_t>(index)]);
  return chosen;
}

void add_warnings(std::vector<std::string> more, SelectedFaces& selected) {
  for (std::string& warning : more) selected.warnings.push_back(std::move(warning));
}

// Leaves the labeled or unlabeled faces in `selected`.
void take_part(const FaceCache& cache, const ClassNumbers& classes, const CacheSelection& selection,
               SelectedFaces& selected) {
  if (selection.labels.empty())
    throw std::runtime_error("The part '" + Codec<CachePart>::show(selection.part) +
                             "' needs 'labels': how many samples keep their label.");
  const auto& names = classes.names();
  const std::vector<std::int64_t> labels = labels_of(cache, classes, selected.faces);
  const LabelAmount& amount = selection.labels;
  const LabeledChoice choice =
      amount.counts.size() == 1
          ? choose_labeled(labels, names, amount.counts.front(), selection.seed)
          : choose_labeled_capped(labels, names,
                                  amount.by_class.empty() ? amount.counts : counts_by_class(amount.by_class, names),
                                  selection.seed);
  if (selection.part == CachePart::labeled) {
    add_warnings(choice.warnings, selected);
    selected.faces = at(selected.faces, choice.indices);
    return;
  }
  std::vector<bool> is_labeled(labels.size(), false);
  for (const std::int64_t index : choice.indices) is_labeled[static_cast<std::size_t>(index)] = true;
  std::vector<std::int64_t> unlabeled;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (!is_labeled[i]) unlabeled.push_back(selected.faces[i]);
  selected.faces = std::move(unlabeled);
}

void add_noise(const FaceCache& cache, const NoiseChoice& noise, SelectedFaces& selected) {
  const std::vector<std::string>& names = selected.class_names;
  std::vector<bool> is_protected;
  std::vector<std::int64_t> open;
  std::string split;
  for (std::size_t i = 0; i < selected.faces.size(); ++i) {
    const std::string_view of_face = cache.split(selected.faces[i]);
    is_protected.push_back(is_measured_split(of_face));
    if (!is_protected.back())
      open.push_back(static_cast<std::int64_t>(i));
    else
      split = of_face;
  }
  const std::vector<std::int64_t> before = selected.labels;
  if (noise.kind == NoiseKind::list) {
    const std::vector<std::string> classes = noise.classes.empty() ? raf_db_classes() : noise.classes;
    std::vector<std::string> ids;
    for (const std::int64_t face : selected.faces) ids.emplace_back(cache.id(face));
    ListedLabels noisy = apply_noise_list(read_noise_list(noise.file, classes.size()), classes, selected.labels, ids,
                                          is_protected, names);
    selected.labels = std::move(noisy.labels);
    add_warnings(std::move(noisy.warnings), selected);
  } else {
    const std::vector<std::int64_t> labels = at(selected.labels, open);
    const NoisyLabels noisy =
        noise.kind == NoiseKind::symmetric
            ? symmetric_noise(labels, static_cast<std::int64_t>(names.size()), noise.rate, noise.seed)
            : asymmetric_noise(labels, names, noise.pairs.empty() ? usual_noise_pairs(names) : noise.pairs, noise.rate,
                               noise.seed);
    for (std::size_t i = 0; i < open.size(); ++i) selected.labels[static_cast<std::size_t>(open[i])] = noisy.labels[i];
    if (open.size() < selected.faces.size())
      selected.warnings.push_back("The noise leaves " + std::to_string(selected.faces.size() - open.size()) +
                                  " faces as they are, because they are measured with: they are of the split '" +
                                  split + "'" + (open.empty() ? "." : " and the like."));
  }
  for (std::size_t i = 0; i < before.size(); ++i) selected.changed += before[i] != selected.labels[i] ? 1 : 0;
}

}  // namespace

LabelAmount Codec<LabelAmount>::parse(const Tree& tree, const Tree* params) {
  LabelAmount amount;
  if (tree.is_map()) {
    for (const Tree::Member& member : tree.members) {
      const auto count = Codec<std::int64_t>::parse(member.value, params);
      if (count < 0) detail::wrong_value(member.value, "a number of labels from 0 on");
      amount.by_class[member.key] = count;
    }
    if (amount.by_class.empty()) detail::wrong_value(tree, "a number of labels for each class");
    return amount;
  }
  if (tree.is_scalar() && tree.text.starts_with("fer")) {
    const std::vector<std::string> known = labeled_preset_names();
    if (std::find(known.begin(), known.end(), tree.text) == known.end())
      detail::wrong_value(tree, "a number of labels, or one of the words " + listed(known), known);
    amount.by_class = labeled_preset(tree.text);
    return amount;
  }
  amount.counts = Codec<std::vector<std::int64_t>>::parse(tree, params);
  return amount;
}

NoiseChoice Codec<NoiseChoice>::parse(const Tree& tree, const Tree* params) {
  if (!tree.is_map()) detail::wrong_value(tree, "a map such as {kind: symmetric, rate: 0.3, seed: 1}");
  NoiseChoice noise;
  const std::vector<std::string> known = {"kind", "rate", "seed", "pairs", "file", "classes"};
  bool has_kind = false, has_rate = false;
  for (const auto& [key, place, value] : tree.members) {
    if (std::find(known.begin(), known.end(), key) == known.end()) no_key(place, "Noise", key, known);
    if (value.is_nothing()) continue;
    if (key == "kind") {
      noise.kind = Codec<NoiseKind>::parse(value, params);
      has_kind = true;
    } else if (key == "rate") {
      noise.rate = Codec<double>::parse(value, params);
      has_rate = true;
      if (!(noise.rate >= 0 && noise.rate <= 1)) detail::wrong_value(value, "a rate from 0 to 1");
    } else if (key == "seed") {
      noise.seed = Codec<std::uint64_t>::parse(value, params);
    } else if (key == "file") {
      noise.file = Codec<std::filesystem::path>::parse(value, params);
    } else if (key == "classes") {
      noise.classes = Codec<std::vector<std::string>>::parse(value, params);
    } else {
      if (!value.is_map()) detail::wrong_value(value, "a map such as {fear: surprise, surprise: fear}");
      for (const Tree::Member& pair : value.members) {
        if (!pair.value.is_scalar()) detail::wrong_value(pair.value, "the name of a class");
        noise.pairs[pair.key] = pair.value.text;
      }
    }
  }
  if (!has_kind) throw PipelineError(tree.place, "Noise needs 'kind': symmetric, asymmetric or list.");
  if (noise.kind == NoiseKind::list && noise.file.empty())
    throw PipelineError(tree.place, "Noise of the kind 'list' needs 'file': a label file in RAF-DB's format.");
  if (noise.kind != NoiseKind::list && !has_rate)
    throw PipelineError(tree.place, "Noise of the kind '" + Codec<NoiseKind>::show(noise.kind) +
                                        "' needs 'rate': the share of each class that gets a wrong label.");
  return noise;
}

MadeBy Codec<MadeBy>::parse(const Tree& tree, const Tree* params) {
  MadeBy made_by;
  made_by.place = tree.place;
  if (tree.is_map()) {
    const std::vector<std::string> known = {"file", "set"};
    for (const auto& [key, place, value] : tree.members) {
      if (std::find(known.begin(), known.end(), key) == known.end()) no_key(place, "'made_by'", key, known);
      if (value.is_nothing()) continue;
      if (key == "file") {
        made_by.file = Codec<std::filesystem::path>::parse(value, params);
        continue;
      }
      if (!value.is_map()) detail::wrong_value(value, "a map of parameters such as {size: 64}");
      for (const Tree::Member& setting : value.members)
        made_by.settings.push_back(setting.key + "=" + setting.value.flow());
    }
  } else {
    made_by.file = Codec<std::filesystem::path>::parse(tree, params);
  }
  if (made_by.file.empty())
    throw PipelineError(tree.place,
                        "'made_by' needs a preprocessing file: made_by: faces/csv.yaml, or made_by: {file: "
                        "faces/csv.yaml, set: {size: 64}}.");
  return made_by;
}

CacheSelection Codec<CacheSelection>::parse(const Tree& tree, const Tree* params) {
  if (!tree.is_map()) detail::wrong_value(tree, "a map such as {cache: faces.h5, split: train}");
  CacheSelection selection;
  const std::vector<std::string> known = {"cache", "made_by",    "split", "part",    "labels",
                                          "seed",  "validation", "noise", "classes", "aliases"};
  for (const auto& [key, place, value] : tree.members) {
    if (std::find(known.begin(), known.end(), key) == known.end()) no_key(place, "A selection of faces", key, known);
    if (value.is_nothing()) continue;
    if (key == "cache") selection.cache = Codec<std::filesystem::path>::parse(value, params);
    if (key == "split") selection.split = Codec<std::string>::parse(value, params);
    if (key == "part") selection.part = Codec<CachePart>::parse(value, params);
    if (key == "labels") selection.labels = Codec<LabelAmount>::parse(value, params);
    if (key == "seed") selection.seed = Codec<std::uint64_t>::parse(value, params);
    if (key == "made_by") selection.made_by = Codec<MadeBy>::parse(value, params);
    if (key == "noise") selection.noise = Codec<NoiseChoice>::parse(value, params);
    if (key == "classes") selection.classes = Codec<std::vector<std::string>>::parse(value, params);
    if (key == "aliases") selection.aliases = Codec<LabelAliases>::parse(value, params);
    if (key == "validation") {
      selection.validation = Codec<double>::parse(value, params);
      if (!(selection.validation >= 0 && selection.validation < 1))
        detail::wrong_value(value, "the share of each class that is kept apart, from 0 to below 1");
    }
  }
  if (selection.cache.empty())
    throw PipelineError(
        tree.place,
        "A selection of faces needs 'cache': the file that `fergraph run` of a preprocessing pipeline wrote.");
  return selection;
}

ClassNumbers::ClassNumbers(const FaceCache& cache, const CacheSelection& selection)
    : cache_(cache.path()), of_cache_(cache.provenance().class_names) {
  names_ = selection.classes.empty() ? of_cache_ : selection.classes;
  const auto number = [](const std::string& name, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (lower_case(names[i]) == lower_case(name)) return static_cast<std::int64_t>(i);
    return nowhere;
  };
  for (std::size_t c = 0; c < of_cache_.size(); ++c)
    numbers_.push_back(selection.classes.empty() ? static_cast<std::int64_t>(c) : number(of_cache_[c], names_));
  for (const auto& [name, meant] : selection.aliases) {
    const std::int64_t at = number(name, of_cache_);
    const std::int64_t to = meant ? number(*meant, names_) : left_out;
    if (at == nowhere)
      throw std::runtime_error("'aliases' names the class '" + name + "', but the cache '" + cache_.string() +
                               "' has " + listed(of_cache_) + "." + did_you_mean(name, of_cache_));
    if (to == nowhere)
      throw std::runtime_error("'aliases' makes '" + name + "' the class '" + *meant + "', which is none of " +
                               listed(names_) + "." + did_you_mean(*meant, names_));
    numbers_[static_cast<std::size_t>(at)] = to;
  }
}

std::vector<std::int64_t> ClassNumbers::of(const std::vector<std::int64_t>& labels) const {
  std::vector<std::int64_t> numbers;
  numbers.reserve(labels.size());
  std::vector<std::int64_t> without(numbers_.size(), 0);
  for (const std::int64_t label : labels) {
    numbers.push_back(of(label));
    if (numbers.back() == nowhere) ++without[static_cast<std::size_t>(label)];
  }
  std::string found, all;
  for (std::size_t c = 0; c < without.size(); ++c) {
    if (without[c] == 0) continue;
    found += (found.empty() ? "" : ", ") + std::string("'") + of_cache_[c] + "' (" + std::to_string(without[c]) +
             (without[c] == 1 ? " face)" : " faces)");
    all += (all.empty() ? "" : ", ") + of_cache_[c] + ": ~";
  }
  if (!found.empty())
    throw std::runtime_error("The cache '" + cache_.string() + "' has faces of classes that are not known here: " +
                             found + ". Known are " + listed(names_) + ". The selection's 'aliases: {" + all +
                             "}' leaves them out; the name of a known class in place of ~ counts them as that.");
  return numbers;
}

SelectedFaces select_faces(const FaceCache& cache, const CacheSelection& selection) {
  const ClassNumbers classes(cache, selection);
  SelectedFaces selected;
  selected.class_names = classes.names();
  bool has_split = false;
  for (std::int64_t i = 0; i < cache.size(); ++i) {
    if (selection.split && cache.split(i) != *selection.split) continue;
    has_split = true;
    if (!classes.leaves_out(cache.label(i))) selected.faces.push_back(i);
  }
  if (!has_split)
    throw std::runtime_error("The cache '" + cache.path().string() + "' has no faces of the split '" +
                             selection.split.value_or("") + "'. It has " + known_splits(cache) + ".");
  if (selected.faces.empty())
    throw std::runtime_error("Of the cache '" + cache.path().string() +
                             "' no face is left: 'aliases' leaves out every class that it has. Leave out fewer.");
  const bool validates = selection.part == CachePart::validation;
  if (validates && selection.validation == 0)
    throw std::runtime_error("The part 'validation' needs 'validation': the share of each class that is kept apart.");
  if (selection.validation > 0) {
    HoldOut parts =
        hold_out(labels_of(cache, classes, selected.faces), classes.names(), selection.validation, selection.seed);
    selected.faces = at(selected.faces, validates ? parts.held_out : parts.kept);
    if (validates) add_warnings(std::move(parts.warnings), selected);
  }
  if (selection.part == CachePart::labeled || selection.part == CachePart::unlabeled)
    take_part(cache, classes, selection, selected);
  selected.clean = labels_of(cache, classes, selected.faces);
  selected.labels = selected.clean;
  if (selection.noise && !validates) add_noise(cache, *selection.noise, selected);
  return selected;
}

}  // namespace fergraph
