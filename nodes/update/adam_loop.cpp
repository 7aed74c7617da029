#include "nodes/update/adam_loop.hpp"

#include <cmath>

#include "nodes/vectorised.hpp"

namespace fergraph {

// Rounded as LibTorch rounds: its sums of a number and a multiple of another are fused.
FERGRAPH_VECTORISED_FMA void adam_loop(const AdamStep& step, const float* gradient, std::int64_t count,
                                       float* __restrict first, float* __restrict second, float* __restrict parameter) {
  const AdamStep s = step;  // a copy, which no store to the arrays can change
  for (std::int64_t i = 0; i < count; ++i) {
    const float value = parameter[i] * s.shrink;
    const float g = std::fma(s.decay, value, gradient[i]);
    first[i] = std::fma(s.rest1, g, first[i] * s.beta1);
    second[i] = second[i] * s.beta2 + s.rest2 * g * g;
    parameter[i] = value - s.rate * first[i] / (std::sqrt(second[i]) / s.root_correction + s.eps);
  }
}

}  // namespace fergraph
