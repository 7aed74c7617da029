#include <array>

#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

constexpr BatchNormShape slow_norm = {.eps = 1e-3, .momentum = 1e-3};

constexpr double slope = 0.1;

std::shared_ptr<Convolution> convolution(std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t stride) {
  return std::make_shared<Convolution>(
      in, out, ConvolutionShape{.size = size, .stride = stride, .padding = size / 2, .bias = true});
}

// Normalised and activated before each convolution; where the channels change, the shortcut starts behind the first
// activation.
class WideBlock : public torch::nn::Module {
 public:
  WideBlock(std::int64_t in, std::int64_t out, std::int64_t stride) {
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(in, slow_norm));
    conv1_ = register_module("conv1", convolution(in, out, 3, stride));
    bn2_ = register_module("bn2", std::make_shared<BatchNorm>(out, slow_norm));
    conv2_ = register_module("conv2", convolution(out, out, 3, 1));
    if (in != out) shortcut_ = register_module("convShortcut", convolution(in, out, 1, stride));
  }

  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    const torch::Tensor active = bn1_->rectified(x, mode, {slope});
    const torch::Tensor branch = conv2_->forward(bn2_->rectified(conv1_->forward(active), mode, {slope}));
    return branch + (shortcut_ ? shortcut_->forward(active) : x);
  }

 private:
  std::shared_ptr<Convolution> conv1_, conv2_, shortcut_;
  std::shared_ptr<BatchNorm> bn1_, bn2_;
};

class WideResNet28 : public Backbone {
 public:
  explicit WideResNet28(std::int64_t classes) {
    conv1_ = register_module("conv1", convolution(3, 16, 3, 1));
    constexpr std::array<std::int64_t, 3> channels = {32, 64, 128};
    std::int64_t in = 16;
    for (std::size_t k = 0; k < channels.size(); ++k) {
      const auto group = register_module("block" + std::to_string(k + 1), std::make_shared<torch::nn::Module>());
      const auto layer = group->register_module("layer", std::make_shared<torch::nn::Module>());
      for (int i = 0; i < 4; ++i, in = channels[k])
        blocks_.push_back(layer->register_module(
            std::to_string(i), std::make_shared<WideBlock>(in, channels[k], k > 0 && i == 0 ? 2 : 1)));
    }
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(in, slow_norm));
    add_classifier("fc", in, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = conv1_->forward(images);
    for (const auto& block : blocks_) x = block->forward(x, mode);
    return bn1_->rectified(x, mode, {slope});
  }

  void initialise(Random& random) override {
    fergraph::initialise(*this, {.linear = Init::normal_fan_sum, .linear_bias = Init::zero}, random);
  }

 private:
  std::shared_ptr<Convolution> conv1_;
  std::shared_ptr<BatchNorm> bn1_;
  std::vector<std::shared_ptr<WideBlock>> blocks_;
};

}  // namespace

std::shared_ptr<Backbone> make_wide_resnet28_2(std::int64_t classes) { return std::make_shared<WideResNet28>(classes); }

}  // namespace fergraph
