#include "report/model/network_of_model.hpp"

#include <ATen/core/grad_mode.h>

#include <stdexcept>

namespace fergraph {
namespace {

// A model stands alone: it has neither parameters nor streams.
class ModelScope : public StateScope {
 public:
  ModelScope(const std::string& name, const std::string& device) : name_(name), device_(device) {}
  const std::string& name() const override { return name_; }
  const std::string& device() const override { return device_; }
  std::uint64_t seed() const override { return 0; }
  const Tree* parameter(const std::string&) const override { return nullptr; }
  const StreamSamples& stream(const std::string& stream, const Place& place) const override {
    throw PipelineError(place, "A model has no stream '" + stream + "'.");
  }

 private:
  const std::string& name_;
  const std::string& device_;
};

}  // namespace

ModelNetworks::ModelNetworks(const Model& model, const std::string& device) {
  const StateType type = Network::contract().type();
  for (const ModelNetwork& each : model.card.networks) {
    Network::Params params;
    for (const ParameterInfo& info : type.parameters)
      if (const Tree* given = each.design.find(info.name); given && !given->is_nothing())
        read_parameter(info, *given, nullptr, &params);
    networks_.push_back(std::make_unique<Network>(params, Network::Links{}, ModelScope(each.name, device)));
    try {
      networks_.back()->restore(model.weights.at(each.name));
    } catch (const RestoreError& error) {
      throw std::runtime_error(std::string("The model's weights are not those of its card: ") + error.what());
    }
  }
}

std::vector<const Network*> ModelNetworks::all() const {
  std::vector<const Network*> networks;
  for (const auto& each : networks_) networks.push_back(each.get());
  return networks;
}

torch::Tensor ModelNetworks::probabilities(const torch::Tensor& images) const {
  const at::NoGradGuard no_grad;
  torch::Tensor sum;
  for (const auto& each : networks_) {
    const torch::Tensor probs = torch::softmax(each->eval_forward(images).logits, 1);
    sum = sum.defined() ? sum + probs : probs;
  }
  if (networks_.size() > 1) sum = sum / static_cast<double>(networks_.size());
  return sum.to(torch::kCPU);
}

torch::Tensor example_faces(FaceShape shape) {
  const std::int64_t numbers = 2 * static_cast<std::int64_t>(shape.bytes());
  return (torch::arange(numbers) * 37).remainder(251).to(torch::kUInt8).reshape({2, shape.height, shape.width, 3});
}

}  // namespace fergraph
