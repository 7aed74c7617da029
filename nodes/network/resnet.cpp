#include <array>

#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

// A residual branch beside an identity, or beside a strided 1x1 convolution where the size changes.
class ResidualBlock : public torch::nn::Module {
 public:
  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    return residual(x, mode, shortcut_ ? shortcut_norm_->forward(shortcut_->forward(x), mode) : x);
  }

 protected:
  // The branch added to the shortcut, and activated.
  virtual torch::Tensor residual(const torch::Tensor& x, NormMode mode, const torch::Tensor& shortcut) const = 0;

  void add_shortcut(std::int64_t in, std::int64_t out, std::int64_t stride) {
    if (stride == 1 && in == out) return;
    const auto downsample = register_module("downsample", std::make_shared<torch::nn::Module>());
    shortcut_ = downsample->register_module("0", convolution1x1(in, out, stride));
    shortcut_norm_ = downsample->register_module("1", std::make_shared<BatchNorm>(out));
  }

 private:
  std::shared_ptr<Convolution> shortcut_;
  std::shared_ptr<BatchNorm> shortcut_norm_;
};

class BasicBlock : public ResidualBlock {
 public:
  static constexpr std::int64_t expansion = 1;

  BasicBlock(std::int64_t in, std::int64_t channels, std::int64_t stride) {
    conv1_ = register_module("conv1", convolution3x3(in, channels, stride));
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(channels));
    conv2_ = register_module("conv2", convolution3x3(channels, channels));
    bn2_ = register_module("bn2", std::make_shared<BatchNorm>(channels));
    add_shortcut(in, channels, stride);
  }

 private:
  torch::Tensor residual(const torch::Tensor& x, NormMode mode, const torch::Tensor& shortcut) const override {
    const torch::Tensor inner = bn1_->rectified(conv1_->forward(x), mode);
    return bn2_->rectified(conv2_->forward(inner), mode, {.shortcut = shortcut});
  }

  std::shared_ptr<Convolution> conv1_, conv2_;
  std::shared_ptr<BatchNorm> bn1_, bn2_;
};

// The stride is in the 3x3 convolution, as in torchvision ("ResNet V1.5").
class Bottleneck : public ResidualBlock {
 public:
  static constexpr std::int64_t expansion = 4;

  Bottleneck(std::int64_t in, std::int64_t channels, std::int64_t stride) {
    conv1_ = register_module("conv1", convolution1x1(in, channels));
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(channels));
    conv2_ = register_module("conv2", convolution3x3(channels, channels, stride));
    bn2_ = register_module("bn2", std::make_shared<BatchNorm>(channels));
    conv3_ = register_module("conv3", convolution1x1(channels, expansion * channels));
    bn3_ = register_module("bn3", std::make_shared<BatchNorm>(expansion * channels));
    add_shortcut(in, expansion * channels, stride);
  }

 private:
  torch::Tensor residual(const torch::Tensor& x, NormMode mode, const torch::Tensor& shortcut) const override {
    torch::Tensor inner = bn1_->rectified(conv1_->forward(x), mode);
    inner = bn2_->rectified(conv2_->forward(inner), mode);
    return bn3_->rectified(conv3_->forward(inner), mode, {.shortcut = shortcut});
  }

  std::shared_ptr<Convolution> conv1_, conv2_, conv3_;
  std::shared_ptr<BatchNorm> bn1_, bn2_, bn3_;
};

template <class Block>
class ResNet : public Backbone {
 public:
  ResNet(const std::array<int, 4>& blocks, std::int64_t classes) {
    conv1_ = register_module(
        "conv1", std::make_shared<Convolution>(3, 64, ConvolutionShape{.size = 7, .stride = 2, .padding = 3}));
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(64));
    std::int64_t in = 64;
    for (std::size_t k = 0; k < blocks.size(); ++k) {
      const auto layer = register_module("layer" + std::to_string(k + 1), std::make_shared<torch::nn::Module>());
      const std::int64_t channels = 64 << k;
      for (int i = 0; i < blocks[k]; ++i) {
        const std::int64_t stride = k > 0 && i == 0 ? 2 : 1;
        blocks_.push_back(layer->register_module(std::to_string(i), std::make_shared<Block>(in, channels, stride)));
        in = Block::expansion * channels;
      }
    }
    add_classifier("fc", in, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = bn1_->rectified(conv1_->forward(images), mode);
    x = torch::max_pool2d(x, 3, 2, 1);
    for (const auto& block : blocks_) x = block->forward(x, mode);
    return x;
  }

  void initialise(Random& random) override { fergraph::initialise(*this, {}, random); }

 private:
  std::shared_ptr<Convolution> conv1_;
  std::shared_ptr<BatchNorm> bn1_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

}  // namespace

std::shared_ptr<Backbone> make_resnet(int layers, std::int64_t classes) {
  switch (layers) {
    case 18:
      return std::make_shared<ResNet<BasicBlock>>(std::array{2, 2, 2, 2}, classes);
    case 34:
      return std::make_shared<ResNet<BasicBlock>>(std::array{3, 4, 6, 3}, classes);
    case 50:
      return std::make_shared<ResNet<Bottleneck>>(std::array{3, 4, 6, 3}, classes);
    default:
      throw std::logic_error("There is no ResNet of this number of layers.");
  }
}

}  // namespace fergraph
