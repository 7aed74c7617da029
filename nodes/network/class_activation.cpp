#include "nodes/network/class_activation.hpp"

namespace fergraph {

Contract<ClassActivation> ClassActivation::contract() {
  return Contract<ClassActivation>("class_activation", "class activation maps of a forward")
      .details("The gradient flows into the maps; the classifier's weights count as constants.")
      .in(&In::maps, "maps", "float [N,D,h,w]", "the last convolutional maps, of a forward of this network")
      .out(&Out::maps, "maps", "float [N,C,h,w]", "one map for each class")
      .out(&Out::first, "first", "float [C,h,w]", "those of the first row, to look at, without gradient")
      .state(&State::net, "net", "the network whose classifier weighs the maps");
}

ClassActivation::Out ClassActivation::run(const In& in, const State& states) const {
  if (!states.net->features_are_mean_maps())
    throw std::runtime_error(
        "Class activation maps need features that are the means of the maps, so that the classifier's weights are also "
        "the maps', but this network's backbone makes its features by further layers. Choose another, such as "
        "resnet18, "
        "mobilenet_v2 or wide_resnet28_2.");
  const torch::Tensor& maps = in.maps.tensor;
  const torch::Tensor weights = states.net->classifier().weight().detach();
  const torch::Tensor by_class =
      torch::matmul(weights, maps.flatten(2)).reshape({maps.size(0), weights.size(0), maps.size(2), maps.size(3)});
  return {{by_class}, {by_class.detach().narrow(0, 0, 1).squeeze(0)}};
}

}  // namespace fergraph
