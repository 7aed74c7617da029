#include "report/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace fergraph {

Histogram histogram_of(const NumericArray& numbers) {
  Histogram out;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double number = numbers.at(i);
    if (!std::isfinite(number)) continue;
    out.low = out.n == 0 ? number : std::min(out.low, number);
    out.high = out.n == 0 ? number : std::max(out.high, number);
    ++out.n;
  }
  const auto bins = static_cast<double>(out.counts.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double number = numbers.at(i);
    if (!std::isfinite(number)) continue;
    // Halves, as the span of the largest numbers is no number.
    const double span = out.high / 2 - out.low / 2;
    const double bin = span > 0 ? (number / 2 - out.low / 2) / span * bins : 0;
    ++out.counts[static_cast<std::size_t>(std::clamp(std::floor(bin), 0.0, bins - 1))];
  }
  return out;
}

}  // namespace fergraph
