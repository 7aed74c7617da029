// Everything of a cache but the pixels: the columns about its faces and about the samples that gave none.
#pragma once

#include <cstdint>
#include <vector>

#include "cache/face.hpp"
#include "cache/fixed_text.hpp"

namespace fergraph {

/// What a cache's faces are and how they are kept.
struct PixelFormat {
  FaceShape shape;
  FaceEncoding encoding;
};

struct CacheTables {
  std::vector<std::int64_t> labels;  // [N], as are all down to the checksums
  std::vector<std::int64_t> rows;
  FixedText ids;
  FixedText splits;
  std::vector<float> landmarks;          // [N, 5, 2], NaN where there are none
  std::vector<float> boxes;              // [N, 4], NaN where there is none
  std::vector<std::uint64_t> checksums;  // of each face's bytes as they are stored
  /// [N + 1], of encoded faces: where each one's bytes begin among all, and at the end their number. Empty of raw ones.
  std::vector<std::uint64_t> offsets;

  std::vector<std::int64_t> void_labels;  // [V], as are the rest
  std::vector<std::int64_t> void_rows;
  FixedText void_ids;
  FixedText void_splits;
  FixedText void_reasons;
};

}  // namespace fergraph
