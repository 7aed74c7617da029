#include "nodes/network/forward.hpp"

#include <ATen/core/grad_mode.h>

namespace fergraph {
namespace {

// In one piece where possible, so that the normalisation of pixels is one operation.
torch::Tensor joined(const std::vector<Images>& images, const Network& net) {
  if (images.size() == 1) return images.front().tensor;
  std::vector<torch::Tensor> tensors;
  bool same = true;
  for (const Images& each : images) same = same && each.tensor.scalar_type() == images.front().tensor.scalar_type();
  for (const Images& each : images) tensors.push_back(same ? each.tensor : net.normalise(each.tensor));
  return torch::cat(tensors);
}

template <class T>
std::vector<T> parts(const torch::Tensor& whole, const std::vector<Images>& images) {
  std::vector<T> split;
  std::int64_t begin = 0;
  for (const Images& each : images) {
    split.push_back({whole.narrow(0, begin, each.tensor.size(0))});
    begin += each.tensor.size(0);
  }
  return split;
}

}  // namespace

Contract<Forward> Forward::contract() {
  return Contract<Forward>("forward", "runs images through a network")
      .details(
          "A list of images is one joint forward over their concatenation, or with `batching: separate` one forward "
          "each, in their order; `f.logits[0]`, `f.logits[1]` are the parts. "
          "In train mode batch normalisation uses the statistics of the batch; `statistics: update` also moves the "
          "running ones, `statistics: leave` does not touch any buffer. Dropout masks are a function of the run's "
          "seed, the node's name and the iteration.")
      .in(&In::images, "images", "uint8 [N*,H,W,3]", "uint8 pixels, or normalised float images [N,3,H,W]")
      .out(&Out::logits, "logits", "float [N*,C]", "scores before softmax")
      .parts(&Out::logits_parts, "logits", "images")
      .out(&Out::probs, "probs", "float [N*,C]", "softmax of the logits")
      .parts(&Out::probs_parts, "probs", "images")
      .out(&Out::features, "features", "float [N*,D]", "what the classifier sees")
      .parts(&Out::features_parts, "features", "images")
      .out(&Out::maps, "maps", "float [N*,D,h,w]", "the last convolutional maps")
      .parts(&Out::maps_parts, "maps", "images")
      .param(&Params::mode, "mode", "train: statistics of the batch, dropout; eval: running statistics")
      .param(&Params::grad, "grad", "whether losses reach the network through the outputs")
      .param(&Params::statistics, "statistics", "in train mode: whether the running statistics move")
      .param(&Params::batching, "batching",
             "of a list of images; joint: batch statistics over all of them; separate: of each by itself, and running "
             "statistics that move once for each")
      .state(&State::net, "net", "the network", [](const Params& params) {
        return params.mode == ForwardMode::train && params.statistics == Statistics::update ? Access::write
                                                                                            : Access::read;
      });
}

Forward::Out Forward::run(const In& in, const Params& params, const State& states, const Context& context) const {
  const at::AutoGradMode gradients(params.grad);
  const NormMode mode = params.statistics == Statistics::update ? NormMode::update : NormMode::leave;
  const auto through = [&](const torch::Tensor& images, std::uint64_t draws) {
    return params.mode == ForwardMode::eval ? states.net->eval_forward(images)
                                            : states.net->train_forward(images, mode, context.random(draws));
  };
  NetworkOutput result;
  if (params.batching == Batching::joint || in.images.size() == 1) {
    result = through(joined(in.images, *states.net), 0);
  } else {
    std::vector<torch::Tensor> logits, features, maps;
    for (std::size_t i = 0; i < in.images.size(); ++i) {
      NetworkOutput part = through(in.images[i].tensor, i);
      logits.push_back(std::move(part.logits));
      features.push_back(std::move(part.features));
      maps.push_back(std::move(part.maps));
    }
    result = {torch::cat(logits), torch::cat(features), torch::cat(maps)};
  }
  const torch::Tensor probs = torch::softmax(result.logits, 1);
  return {{result.logits},
          {probs},
          {result.features},
          {result.maps},
          parts<Logits>(result.logits, in.images),
          parts<Probs>(probs, in.images),
          parts<Features>(result.features, in.images),
          parts<Maps>(result.maps, in.images)};
}

}  // namespace fergraph
