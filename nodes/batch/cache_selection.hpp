// Which faces of a cache a stream is fed with, and which labels they bear: a split of it, the labeled, unlabeled or
// validation part of a split, with wrong labels where a study of noise asks for them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cache/reader.hpp"
#include "datasets/label_noise.hpp"
#include "datasets/labeled_presets.hpp"
#include "graph/parameter.hpp"
#include "nodes/label_aliases.hpp"

namespace fergraph {

enum class CachePart { all, labeled, unlabeled, validation };

template <>
struct Words<CachePart> {
  static constexpr std::array<std::pair<std::string_view, CachePart>, 4> all = {
      {{"all", CachePart::all},
       {"labeled", CachePart::labeled},
       {"unlabeled", CachePart::unlabeled},
       {"validation", CachePart::validation}}};
};

/// How many samples keep their label. At most one of the two is given.
struct LabelAmount {
  /// One number: in total, as evenly over the classes as possible; several: per class, in their order.
  std::vector<std::int64_t> counts;
  /// By the classes' names.
  LabelsByClass by_class;
  bool empty() const { return counts.empty() && by_class.empty(); }
};

template <>
struct Codec<LabelAmount> {
  /// 100, [10, 15, ...], {fear: 10, others: 15} or the name of a preset, fer-100.
  static LabelAmount parse(const Tree& tree, const Tree* params);
  static std::string type() { return "number, list of numbers, map from classes to numbers, or a preset's name"; }
  static std::string show(const LabelAmount&) { return "none"; }
  static constexpr const char* schema = "";
};

enum class NoiseKind { symmetric, asymmetric, list };

template <>
struct Words<NoiseKind> {
  static constexpr std::array<std::pair<std::string_view, NoiseKind>, 3> all = {
      {{"symmetric", NoiseKind::symmetric}, {"asymmetric", NoiseKind::asymmetric}, {"list", NoiseKind::list}}};
};

/// Wrong labels, as a data file writes them: {kind: symmetric, rate: 0.3, seed: 1}, {kind: list, file: noise.txt}.
struct NoiseChoice {
  NoiseKind kind = NoiseKind::symmetric;
  double rate = 0;             // 0 to 1; of the kinds that draw
  std::uint64_t seed = 1;      // of the kinds that draw
  NoisePairs pairs;            // of the kind asymmetric; those in use where empty
  std::filesystem::path file;  // of the kind list
  /// The classes of the list's numbers, from 1; RAF-DB's where empty.
  std::vector<std::string> classes;
};

template <>
struct Codec<NoiseChoice> {
  static NoiseChoice parse(const Tree& tree, const Tree* params);
  static std::string type() { return "map of kind, rate, seed, pairs, file, classes"; }
  static std::string show(const NoiseChoice&) { return "{}"; }
  static constexpr const char* schema = "object";
};

/// The preprocessing file that a cache comes from, as a data file writes it: `made_by: ../faces/csv.yaml`, or {file:
/// ../faces/csv.yaml, set: {size: 64}} where it was run with --set size=64.
struct MadeBy {
  std::filesystem::path file;
  std::vector<std::string> settings;  // "size=64"
  Place place;
};

template <>
struct Codec<MadeBy> {
  static MadeBy parse(const Tree& tree, const Tree* params);
  static std::string type() { return "path, or map of file and set"; }
  static std::string show(const MadeBy&) { return "none"; }
  static constexpr const char* schema = "";
};

/// Which faces of a cache, as a data file writes it: {cache: faces.h5, split: train, part: labeled, labels: 100, seed:
/// 1}.
struct CacheSelection {
  std::filesystem::path cache;
  std::optional<std::string> split;  // all splits where left out
  CachePart part = CachePart::all;
  LabelAmount labels;
  std::uint64_t seed = 1;  // of the choices of labeled and of validation samples
  double validation = 0;   // the share of each class that is kept apart from the other parts
  std::optional<NoiseChoice> noise;
  std::optional<MadeBy> made_by;  // what the cache must come from; anything where left out
  /// The classes that labels are numbered by, in their order; the cache's own where empty.
  std::vector<std::string> classes;
  /// Of the cache's classes, by name: what they count as, {happy: happiness}; or left out, {contempt: ~}.
  LabelAliases aliases;

  /// Whether anything was drawn or changed, so that a run has something to record.
  bool is_choice() const { return part != CachePart::all || validation > 0 || noise.has_value(); }
};

template <>
struct Codec<CacheSelection> {
  static CacheSelection parse(const Tree& tree, const Tree* params);
  static std::string type() {
    return "map of cache, made_by, split, part, labels, seed, validation, noise, classes, aliases";
  }
  static std::string show(const CacheSelection&) { return "{}"; }
  static constexpr const char* schema = "object";
};

/// How a selection numbers the classes of its cache: by name, whatever the case.
class ClassNumbers {
 public:
  /// Throws std::runtime_error for an alias of a class that the cache has not, or one that leads to no class.
  ClassNumbers(const FaceCache& cache, const CacheSelection& selection);

  /// The classes in the order of their numbers.
  const std::vector<std::string>& names() const { return names_; }
  bool leaves_out(std::int64_t label) const { return of(label) == left_out; }
  /// The numbers of labels of the cache; unknown ones (-1) stay so. Throws std::runtime_error that names all classes
  /// which have no number.
  std::vector<std::int64_t> of(const std::vector<std::int64_t>& labels) const;

 private:
  static constexpr std::int64_t left_out = -2, nowhere = -3;
  std::int64_t of(std::int64_t label) const { return label < 0 ? label : numbers_.at(static_cast<std::size_t>(label)); }

  std::filesystem::path cache_;
  std::vector<std::string> names_, of_cache_;
  std::vector<std::int64_t> numbers_;  // by the cache's class
};

struct SelectedFaces {
  std::vector<std::int64_t> faces;       ///< indices into the cache, rising
  std::vector<std::int64_t> labels;      ///< one per face, with the noise
  std::vector<std::int64_t> clean;       ///< the same without the noise
  std::vector<std::string> class_names;  ///< by their numbers
  std::int64_t changed = 0;              ///< labels that the noise has changed
  std::vector<std::string> warnings;
};

/// The faces of a selection. First the validation part is taken from the split, then the labeled part from the rest,
/// then the noise is laid over the labels of what was selected: with rate r exactly round(r * n_c) of the n_c faces of
/// each class. The validation part, and faces of a test or validation split, never get wrong labels; the warnings tell
/// where noise would have met them. No class gives more than half of its samples as labeled ones. Throws
/// std::runtime_error where the cache has no such split, faces of classes that the selection does not know, or what is
/// asked for cannot be.
SelectedFaces select_faces(const FaceCache& cache, const CacheSelection& selection);

}  // namespace fergraph
