// The types of edges in preprocessing streams: a photograph that is not read yet, and where its face is.
#pragma once

#include <array>
#include <memory>

#include "datasets/sample_table.hpp"
#include "graph/value.hpp"
#include "nodes/face/region.hpp"

namespace fergraph {

/// A sample of a table: a path with its label, not read yet.
struct Photograph {
  static constexpr std::string_view type_name = "Photograph";
  std::shared_ptr<const SampleTable> table;
  std::int64_t index = 0;
  const Sample& sample() const { return table->samples[static_cast<std::size_t>(index)]; }
};

/// A face's box in its photograph: x, y, width, height in pixels.
struct Box2d {
  static constexpr std::string_view type_name = "Box";
  std::array<float, 4> values{};
};

/// Five points x, y in pixels of the photograph: eyes, nose, corners of the mouth; left as in the picture.
struct FivePoints {
  static constexpr std::string_view type_name = "Landmarks";
  std::array<float, 10> values{};
};

/// The part of a photograph that a face is made from, before the photograph is read.
struct Region {
  static constexpr std::string_view type_name = "Region";
  FaceRegion face;
};

}  // namespace fergraph
