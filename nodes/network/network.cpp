#include "nodes/network/network.hpp"

#include <ATen/core/grad_mode.h>
#include <spdlog/spdlog.h>

#include "nodes/network/autocast.hpp"
#include "nodes/network/load_weights.hpp"

namespace fergraph {
namespace {

torch::Tensor per_channel(const std::vector<double>& numbers, const std::string& what, const torch::Device& device) {
  if (numbers.size() != 3)
    throw std::runtime_error("The network's '" + what + "' needs three numbers, one per channel, but has " +
                             std::to_string(numbers.size()) + ".");
  return torch::tensor(numbers, torch::kFloat64).to(torch::kFloat32).reshape({1, 3, 1, 1}).to(device);
}

Network::Params design_of(const Network::Params& params, const Network::Params* copied) {
  if (!copied) {
    if (params.classes < 1)
      throw std::runtime_error("A network needs either its number of 'classes' or a network to be a 'copy_of'.");
    return params;
  }
  if (params.classes != 0 && params.classes != copied->classes)
    throw std::runtime_error("A network of " + std::to_string(params.classes) + " classes cannot be a copy of one of " +
                             std::to_string(copied->classes) + " classes. Leave out 'classes'.");
  if (!params.weights.empty())
    throw std::runtime_error("A network is either a copy of another one or begins with the values of '" +
                             params.weights.string() + "'. Leave out 'weights' or 'copy_of'.");
  return *copied;
}

}  // namespace

StateContract<Network> Network::contract() {
  return StateContract<Network>("network", "a backbone with one linear classifier, and how pixels become its input")
      .param(
          &Params::backbone, "backbone",
          "architecture; torchscript:FILE is an exported module whose forward gives features [N,D] or maps [N,D,h,w]")
      .param(&Params::classes, "classes", "number of classes; needed unless this is a copy", at_least(0))
      .param(&Params::normalize_feature, "normalize_feature", "divide features by their L2 norm (at least 1e-12)")
      .param(&Params::dropout, "dropout",
             "in train mode: probability of dropping a feature, before the normalisation; in ir_resnet18 and "
             "se_resnet50_ir one of the numbers before the embedding, in vgg16_bn also one between its linear layers",
             in_range(0, 1))
      .param(&Params::mean, "mean", "per channel, of pixels in 0..1, in the network's channel order")
      .param(&Params::std, "std", "per channel, of pixels in 0..1, in the network's channel order")
      .param(&Params::channels, "channels", "order in which the network takes the channels")
      .param(&Params::weights, "weights",
             "safetensors file or PyTorch checkpoint of initial values under the names of the public implementation; "
             "names that are missing, unexpected or of another shape are an error")
      .param(
          &Params::weights_except, "weights_except",
          "parts whose weights need not fit and then keep their initial values: names up to a dot, or 'head' for the "
          "classifier")
      .param(
          &Params::input_size, "input_size",
          "side of the images where features depend on it: ir_resnet18, se_resnet50_ir, mobilefacenet (0: 112), cnn7 "
          "(0: 32); of torchscript the images that it is tried with (0: 112)",
          at_least(0))
      .param(&Params::embedding, "embedding", "width of the features of ir_resnet18, se_resnet50_ir and mobilefacenet",
             at_least(1))
      .param(&Params::precision, "precision",
             "what the backbone's convolutions compute in: bf16 on a CPU or GPU, fp16 on a GPU; parameters, running "
             "statistics, the head and losses are float32 in any case")
      .param(&Params::memory_format, "memory_format",
             "how maps and kernels lie in memory; the results are the same up to rounding. auto: contiguous for "
             "float32 on a "
             "GPU, else channels_last")
      .link(
          &Links::copy_of, "copy_of",
          "network whose architecture and values are copied when the run starts; the other parameters are ignored, but "
          "'weights' and another number of 'classes' are refused",
          LinkNeed::optional, false);
}

Network::Network(const Params& params, const Links& links, const StateScope& scope)
    : design_(design_of(params, links.copy_of ? &links.copy_of->design_ : nullptr)),
      name_(scope.name()),
      device_(scope.device()),
      backbone_(make_backbone({design_.backbone, design_.classes, design_.input_size, design_.embedding})),
      mean_(per_channel(design_.mean, "mean", device_)),
      deviation_(per_channel(design_.std, "std", device_)) {
  if (!links.copy_of) {
    Random random = scope.random();
    backbone_->initialise(random);
  }
  if (design_.precision == Precision::fp16 && device_.is_cpu())
    throw std::runtime_error(
        "A network cannot compute in fp16 on a CPU. Set its 'precision' to bf16, or run with --device cuda.");
  backbone_->to(device_);
  if (design_.memory_format == MapLayout::automatic)
    design_.memory_format =
        device_.is_cpu() || design_.precision != Precision::float32 ? MapLayout::channels_last : MapLayout::contiguous;
  if (design_.memory_format == MapLayout::channels_last)
    for (auto& entry : backbone_->named_parameters())
      if (entry.value().dim() == 4) entry.value().set_data(entry.value().contiguous(torch::MemoryFormat::ChannelsLast));
  for (const auto& entry : backbone_->named_parameters()) parameters_.emplace_back(entry.key(), entry.value());
  for (const auto& entry : backbone_->named_buffers()) buffers_.emplace_back(entry.key(), entry.value());
  all_ = parameters_;
  all_.insert(all_.end(), buffers_.begin(), buffers_.end());
  if (links.copy_of) {
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < all_.size(); ++i) all_[i].second.copy_(links.copy_of->all_[i].second);
  }
  if (!params.weights.empty()) load(params);
}

torch::Tensor Network::normalise(const torch::Tensor& given) const {
  // Not asked for where it is there already: a traced module would move everything back to this device.
  const torch::Tensor images = given.device() == device_ ? given : given.to(device_, /*non_blocking=*/true);
  if (images.is_floating_point()) return images;
  if (images.dim() != 4 || images.size(3) != 3)
    throw std::runtime_error("A network takes uint8 images of shape [N, H, W, 3] or float images of shape " +
                             std::string("[N, 3, H, W], but these are ") + shape_text(images.sizes().vec()) + ".");
  torch::Tensor pixels = images;
  if (design_.channels == ChannelOrder::bgr) pixels = pixels.flip({3});
  pixels = pixels.permute({0, 3, 1, 2}).to(torch::kFloat32);
  // Pixels come as channels_last already.
  if (design_.memory_format == MapLayout::contiguous) pixels = pixels.contiguous();
  return pixels.div_(255).sub_(mean_).div_(deviation_);
}

// float32 [N,M,h,w].
torch::Tensor Network::maps_of(const torch::Tensor& images, NormMode mode, const Dropout& dropout) const {
  torch::Tensor input = normalise(images);
  if (design_.memory_format == MapLayout::channels_last) input = input.contiguous(torch::MemoryFormat::ChannelsLast);
  if (design_.precision == Precision::float32) return backbone_->maps(input, mode, dropout);
  const Autocast lower(device_, design_.precision == Precision::bf16 ? torch::kBFloat16 : torch::kFloat16);
  return backbone_->maps(input, mode, dropout).to(torch::kFloat32);
}

NetworkOutput Network::forward(const torch::Tensor& images, NormMode mode, const Dropout& dropout) const {
  torch::Tensor maps = maps_of(images, mode, dropout);
  torch::Tensor features = backbone_->features(maps, mode, dropout);
  if (design_.normalize_feature) features = features / features.norm(2, 1, /*keepdim=*/true).clamp_min(1e-12);
  return {classifier().forward(features), features, std::move(maps)};
}

NetworkOutput Network::train_forward(const torch::Tensor& images, NormMode mode, Random draws) const {
  return forward(images, mode, Dropout(design_.dropout, draws));
}

NetworkOutput Network::eval_forward(const torch::Tensor& images) const {
  return forward(images, NormMode::running, Dropout());
}

Blobs Network::save() const { return blobs_of(all_); }

void Network::restore(const Blobs& blobs) { restore_tensors("The network '" + name_ + "'", all_, blobs); }

void Network::load(const Params& params) {
  const std::string owner = "the network '" + name_ + "' (" + Codec<BackboneChoice>::show(design_.backbone) + ")";
  const WeightsReport report =
      load_weights(params.weights, {owner, all_, backbone_->classifier_name(), params.weights_except});
  spdlog::info("The network '{}' {}", name_, report.told(params.weights));
}

}  // namespace fergraph
