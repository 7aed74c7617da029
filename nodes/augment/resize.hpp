// Resizing as Pillow does it: separable filters whose support grows where the picture shrinks (antialiasing).
#pragma once

#include <vector>

#include "graph/words.hpp"
#include "nodes/augment/operation.hpp"

namespace fergraph {

enum class Resampling { nearest, bilinear, bicubic, lanczos };

template <>
struct Words<Resampling> {
  static constexpr std::array<std::pair<std::string_view, Resampling>, 4> all = {{{"nearest", Resampling::nearest},
                                                                                  {"bilinear", Resampling::bilinear},
                                                                                  {"bicubic", Resampling::bicubic},
                                                                                  {"lanczos", Resampling::lanczos}}};
};

/// Pillow's Image.resize: rows first, then columns, weights of 22 bits, levels rounded after each of the two. Requires
/// width and height from 1. A canvas that has the size already stays as it is.
void resize(Canvas& canvas, int width, int height, Resampling resampling = Resampling::bilinear);

std::vector<OperationType> resize_operations();

}  // namespace fergraph
