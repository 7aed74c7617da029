// Non-maximum suppression: of boxes that overlap, the one with the best score stays.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace fergraph {

/// Corners in pixels, and a score.
struct ScoredBox {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  float score = 0;
};

/// What the intersection of two boxes is divided by.
enum class Overlap {
  of_union,   ///< intersection over union; areas (x2 - x1) * (y2 - y1)
  of_smaller  ///< over the smaller box, with sides of x2 - x1 + 1 as in the original MTCNN code
};

/// The places of the boxes that stay, best score first; of equal ones the earlier, with of_smaller the later, as in the
/// code that published weights come from (candidates that reach beyond the photograph on all sides show one and the
/// same picture, so exact ties are common there). A box goes when it overlaps one that stays by more than `most`.
/// Source: Zhang et al. 2016, section II; Neubeck and Van Gool, ICPR 2006.
std::vector<std::size_t> suppress(std::span<const ScoredBox> boxes, float most, Overlap overlap);

}  // namespace fergraph
