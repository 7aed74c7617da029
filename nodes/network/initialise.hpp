// The values that networks begin with: each architecture's published scheme, drawn from the run's own sequences.
#pragma once

#include <torch/nn/module.h>

#include "graph/random.hpp"

namespace fergraph {

/// Distributions of a layer's numbers, by torch.nn.init's count of connections: fan_in per output, fan_out per input
/// channel.
enum class Init {
  uniform_fan_in,    // ±1/sqrt(fan_in): LibTorch's own scheme, of weights and biases
  normal_fan_out,    // deviation sqrt(2/fan_out) (He et al., ICCV 2015)
  normal_fan_sum,    // deviation sqrt(2/(fan_in+fan_out)) (Glorot & Bengio, AISTATS 2010)
  normal_tenth,      // deviation 0.1
  normal_hundredth,  // deviation 0.01
  zero
};

struct InitScheme {
  Init convolution = Init::normal_fan_out;
  Init convolution_bias = Init::uniform_fan_in;
  Init linear = Init::uniform_fan_in;
  Init linear_bias = Init::uniform_fan_in;
};

/// Draws all convolutions and linear layers of a network, in the order of their registration, weight before bias. Other
/// layers keep the values that they are made with.
void initialise(const torch::nn::Module& network, const InitScheme& scheme, Random& random);

}  // namespace fergraph
