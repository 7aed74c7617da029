// Networks as TorchScript, to be used where there is no fergraph: torch.jit.load in Python, torch::jit::load in C++.
#pragma once

#include <torch/script.h>

#include <vector>

#include "nodes/network/network.hpp"

namespace fergraph {

/// A module whose forward takes uint8 images [N,H,W,3] (RGB), normalises them as the networks do, and gives float
/// [N,C]: the logits of one network, or the logarithms of the averaged probabilities of several. In eval mode for good.
/// Values are shared with the networks; their names below it are the networks' own ("conv1.weight"), of several behind
/// the networks' names ("net1.conv1.weight").
///
/// Traced over `example`, uint8 [N,H,W,3] with N of at least 2, and compared with the networks over other numbers of
/// images: throws std::runtime_error where it differs by more than 1e-5 of the largest logit, or where a network cannot
/// be traced, as a backbone that is itself a script.
torch::jit::Module trace_networks(const std::vector<const Network*>& networks, const std::vector<std::string>& names,
                                  const torch::Tensor& example);

}  // namespace fergraph
