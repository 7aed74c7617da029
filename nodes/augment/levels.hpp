// Look-up tables that change levels without looking at neighbours: each as Pillow computes it.
#pragma once

#include "nodes/augment/pixel_loops.hpp"

namespace fergraph {

/// 255 - level.
LevelTable inverted_levels();
/// Levels from `threshold` on, in 0 … 256, inverted.
LevelTable solarized_levels(double threshold);
/// The `bits` highest bits, 1 … 8.
LevelTable posterized_levels(int bits);
/// Blended with one level: level + factor·(each - level), as blend() does it.
LevelTable blended_levels(std::uint8_t level, double factor);
/// Stretched so that each colour's darkest level becomes 0 and its brightest 255: ImageOps.autocontrast.
LevelTables stretched_levels(const Histograms& histograms);
/// Replaced so that each colour's levels are about equally frequent: ImageOps.equalize.
LevelTables equalized_levels(const Histograms& histograms);

}  // namespace fergraph
