// What a list of numbers looks like where it is too long to be written down.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "graph/value.hpp"

namespace fergraph {

/// Bins of equal width from the smallest to the largest finite number. A number on an edge is in the upper bin, the
/// largest in the last; where all are equal, all are in the first. NaN and infinite numbers are left out of everything;
/// without any other, `low` and `high` are NaN.
struct Histogram {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  std::array<std::int64_t, 40> counts = {};
  std::int64_t n = 0;  // their sum
};

Histogram histogram_of(const NumericArray& numbers);

}  // namespace fergraph
