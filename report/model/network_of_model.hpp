// The networks of a model, made and filled, on a device.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nodes/network/network.hpp"
#include "report/model/model.hpp"

namespace fergraph {

class ModelNetworks {
 public:
  /// Throws std::runtime_error where the weights do not fit the card.
  ModelNetworks(const Model& model, const std::string& device);

  std::vector<const Network*> all() const;

  /// float [N,C] on the host: the average of the networks' probabilities. Images as Network takes them; any thread, any
  /// number at once.
  torch::Tensor probabilities(const torch::Tensor& images) const;

 private:
  std::vector<std::unique_ptr<Network>> networks_;
};

/// uint8 [2,H,W,3] of a fixed pattern: something to trace and compare networks over.
torch::Tensor example_faces(FaceShape shape);

}  // namespace fergraph
