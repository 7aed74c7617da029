// Several faces of one photograph, as they travel between nodes.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cache/face.hpp"
#include "nodes/face/haar.hpp"

namespace fergraph {

/// A face where a detector found it, in pixels of the photograph.
struct FoundFace {
  FaceBox box;
  std::optional<Landmarks> landmarks;  ///< of detectors that find them
};

/// All faces that were found in a photograph, in the order of sorted_by_size().
struct Faces {
  static constexpr std::string_view type_name = "Faces";
  std::shared_ptr<const std::vector<FoundFace>> found;

  std::span<const FoundFace> all() const {
    return found ? std::span<const FoundFace>(*found) : std::span<const FoundFace>();
  }
};

/// The largest first; of equal areas the better score, then the left and the upper.
Faces sorted_by_size(std::vector<FoundFace> faces);

/// The chosen face. Throws Void where there is none.
const FoundFace& chosen_of(const Faces& faces, cv::Size photograph, FaceChoice choice);

/// A face of one size, cut out of its photograph.
struct CutFace {
  cv::Mat pixels;  ///< uint8 [S,S,3]
  FoundFace face;
};

/// The faces of one photograph at one size, in their order; at least one.
struct AlignedFaces {
  static constexpr std::string_view type_name = "AlignedFaces";
  std::shared_ptr<const std::vector<CutFace>> cut;

  std::span<const CutFace> all() const { return cut ? std::span<const CutFace>(*cut) : std::span<const CutFace>(); }
};

/// The faces of a batch's photographs, one entry per photograph.
struct FaceLists {
  static constexpr std::string_view type_name = "FaceLists";
  std::vector<AlignedFaces> photographs;
};

}  // namespace fergraph
