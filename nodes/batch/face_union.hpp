// Faces of several caches, or of several selections of one, as a stream's source.
#pragma once

#include <memory>
#include <vector>

#include "nodes/batch/face_cache.hpp"

namespace fergraph {

/// A source: the selections one after another. The samples of a part `unlabeled` have the label -1 here, as they stand
/// beside labeled ones. All caches must have the same classes in the same order and faces of one size: a
/// std::runtime_error says which differ.
class FaceUnion {
 public:
  struct Params {
    std::vector<CacheSelection> from;
  };
  using Out = FaceCacheSource::Out;

  FaceUnion(const Params& params, const Preparation& preparation);
  static Contract<FaceUnion> contract();

  std::int64_t size() const { return begins_.back(); }
  std::vector<std::int64_t> labels() const;
  std::string sample_name(std::int64_t index) const;
  std::string fingerprint() const;
  Out run(const Context& context) const;

 private:
  struct Part {
    std::unique_ptr<const FaceCacheSource> faces;
    bool labeled = true;
  };
  // The part that a sample is of, and its index there.
  std::pair<const Part&, std::int64_t> part_of(std::int64_t sample) const;

  std::vector<Part> parts_;
  std::vector<std::int64_t> begins_ = {0};  // of each part, then the number of all samples
};

}  // namespace fergraph
