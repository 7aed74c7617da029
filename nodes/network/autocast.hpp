// Lower precision for a while: the one place where LibTorch's versions differ about it.
#pragma once

#include <torch/types.h>

namespace fergraph {

/// While it lives, this thread's convolutions and matrix products on the device take their operands as `dtype`
/// (LibTorch's autocast). Gradients flow back through the conversions, so that parameters get float32 ones.
class Autocast {
 public:
  Autocast(const torch::Device& device, torch::ScalarType dtype);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  torch::DeviceType device_;
  bool enabled_, cached_;  // before
  torch::ScalarType dtype_;
};

}  // namespace fergraph
