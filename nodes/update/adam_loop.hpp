// Adam's update of one parameter in one pass, plain float32 without LibTorch: the memory is read and written once where
// a list of operations would go through it ten times.
#pragma once

#include <cstdint>

namespace fergraph {

struct AdamStep {
  float shrink = 1;  // parameters are multiplied by it first (AdamW)
  float decay = 0;   // times the parameter is added to the gradient (Adam's L2 term)
  float beta1 = 0.9F, beta2 = 0.999F;
  float rest1 = 0.1F, rest2 = 0.001F;  // 1 - beta
  float root_correction = 1;           // sqrt(1 - beta2^steps)
  float eps = 1e-8F;
  float rate = 0;  // lr / (1 - beta1^steps)
};

/// Moves `count` numbers of a parameter and of its moments.
void adam_loop(const AdamStep& step, const float* gradient, std::int64_t count, float* first, float* second,
               float* parameter);

}  // namespace fergraph
