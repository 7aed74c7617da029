#include "nodes/update/loss_scaler.hpp"

namespace fergraph {

void LossScaler::note_finite() {
  steps_.add_(1);
  if (steps_.item<std::int64_t>() < growth_interval) return;
  scale_.mul_(2);
  steps_.zero_();
}

bool LossScaler::note_overflow() {
  steps_.zero_();
  if (scale() <= 1) return false;
  scale_.div_(2);
  return true;
}

}  // namespace fergraph
