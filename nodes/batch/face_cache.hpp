// Faces of a cache as a stream's source: a split of it, or the labeled or unlabeled part of a split.
#pragma once

#include <memory>
#include <optional>

#include "cache/reader.hpp"
#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

enum class CachePart { all, labeled, unlabeled };

template <>
struct Words<CachePart> {
  static constexpr std::array<std::pair<std::string_view, CachePart>, 3> all = {
      {{"all", CachePart::all}, {"labeled", CachePart::labeled}, {"unlabeled", CachePart::unlabeled}}};
};

/// Which faces of a cache, as a data file writes it: {cache: faces.h5, split: train, part: labeled, labels: 100, seed:
/// 1}.
struct CacheSelection {
  std::filesystem::path cache;
  std::optional<std::string> split;  // all splits where left out
  CachePart part = CachePart::all;
  /// One number: the labeled samples in total, as evenly over the classes as possible; several: per class.
  std::vector<std::int64_t> labels;
  std::uint64_t seed = 1;  // of the choice of labeled samples
};

template <>
struct Codec<CacheSelection> {
  static CacheSelection parse(const Tree& tree, const Tree* params);
  static std::string type() { return "map of cache, split, part, labels, seed"; }
  static std::string show(const CacheSelection&) { return "{}"; }
  static constexpr const char* schema = "object";
};

/// A source: pixels come straight from the page cache. A face is checked against its checksum when it is first read.
class FaceCacheSource {
 public:
  struct Params {
    CacheSelection from;
  };
  struct Out {
    Image image;
    Label label;
    SampleIndex index;
  };
  /// Warns where faces have labels beyond the number of `classes` that the pipeline has as a parameter.
  FaceCacheSource(const Params& params, const Preparation& preparation);
  static Contract<FaceCacheSource> contract();

  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  std::vector<std::int64_t> labels() const;
  std::string sample_name(std::int64_t index) const;
  std::string fingerprint() const;
  Out run(const Context& context) const;

 private:
  std::shared_ptr<const FaceCache> cache_;
  std::vector<std::int64_t> rows_;  // of the cache
};

/// The true classes of the samples in which no face was found: they count as wrong answers.
class MissingFaces {
 public:
  struct Params {
    CacheSelection from;
  };
  struct Out {
    Labels labels;
    Number count;
  };
  explicit MissingFaces(const Params& params);
  static Contract<MissingFaces> contract();
  Out run() const;

 private:
  torch::Tensor labels_;
};

}  // namespace fergraph
