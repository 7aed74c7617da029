// Faces of a cache as a stream's source.
#pragma once

#include <memory>

#include "cache/reader.hpp"
#include "graph/contract.hpp"
#include "nodes/batch/cache_selection.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// A source: pixels come straight from the page cache, or are decoded where the cache keeps JPEGs. A face is checked
/// against its checksum when it is first read.
class FaceCacheSource {
 public:
  struct Params {
    CacheSelection from;
  };
  struct Out {
    Image image;
    Label label;
    Label clean;
    SampleIndex index;
  };
  /// Warns where faces have labels beyond the number of `classes` that the pipeline has as a parameter.
  FaceCacheSource(const Params& params, const Preparation& preparation);
  static Contract<FaceCacheSource> contract();

  std::int64_t size() const { return static_cast<std::int64_t>(selected_.faces.size()); }
  /// By the numbers of the labels.
  const std::vector<std::string>& class_names() const { return selected_.class_names; }
  /// As they are given to the training, with the noise.
  std::vector<std::int64_t> labels() const { return selected_.labels; }
  std::string sample_name(std::int64_t index) const;
  std::string fingerprint() const;
  Out run(const Context& context) const;

 private:
  std::shared_ptr<const FaceCache> cache_;
  SelectedFaces selected_;
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
