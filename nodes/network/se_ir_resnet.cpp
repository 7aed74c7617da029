#include <array>

#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

// Weighs channels by what two 1x1 convolutions make of their means.
class SqueezeExcitation : public torch::nn::Module {
 public:
  explicit SqueezeExcitation(std::int64_t channels) {
    constexpr std::int64_t reduction = 16;
    fc1_ = register_module("fc1", convolution1x1(channels, channels / reduction));
    fc2_ = register_module("fc2", convolution1x1(channels / reduction, channels));
  }

  torch::Tensor forward(const torch::Tensor& x) const {
    const torch::Tensor squeezed = torch::relu(fc1_->forward(x.mean({2, 3}, /*keepdim=*/true)));
    return x * torch::sigmoid(fc2_->forward(squeezed));
  }

 private:
  std::shared_ptr<Convolution> fc1_, fc2_;
};

// BN-conv-PReLU-conv-BN-SE beside every stride-th position, or beside a strided 1x1 convolution where the channels
// change.
class SeBlock : public torch::nn::Module {
 public:
  SeBlock(std::int64_t in, std::int64_t out, std::int64_t stride) : stride_(stride) {
    if (in != out) {
      const auto shortcut = register_module("shortcut_layer", std::make_shared<torch::nn::Module>());
      shortcut_ = shortcut->register_module("0", convolution1x1(in, out, stride));
      shortcut_norm_ = shortcut->register_module("1", std::make_shared<BatchNorm>(out));
    }
    const auto residual = register_module("res_layer", std::make_shared<torch::nn::Module>());
    bn1_ = residual->register_module("0", std::make_shared<BatchNorm>(in));
    conv1_ = residual->register_module("1", convolution3x3(in, out));
    prelu_ = residual->register_module("2", std::make_shared<PRelu>(out));
    conv2_ = residual->register_module("3", convolution3x3(out, out, stride));
    bn2_ = residual->register_module("4", std::make_shared<BatchNorm>(out));
    excitation_ = residual->register_module("5", std::make_shared<SqueezeExcitation>(out));
  }

  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    const torch::Tensor inner = prelu_->forward(conv1_->forward(bn1_->forward(x, mode)));
    return excitation_->forward(bn2_->forward(conv2_->forward(inner), mode)) + shortcut(x, mode);
  }

 private:
  torch::Tensor shortcut(const torch::Tensor& x, NormMode mode) const {
    if (shortcut_) return shortcut_norm_->forward(shortcut_->forward(x), mode);
    return stride_ == 1 ? x : torch::max_pool2d(x, 1, stride_);
  }

  std::int64_t stride_;
  std::shared_ptr<Convolution> conv1_, conv2_, shortcut_;
  std::shared_ptr<BatchNorm> bn1_, bn2_, shortcut_norm_;
  std::shared_ptr<PRelu> prelu_;
  std::shared_ptr<SqueezeExcitation> excitation_;
};

class SeResNet50Ir : public Backbone {
 public:
  SeResNet50Ir(std::int64_t classes, const FixedSize& size, std::int64_t embedding) : size_(size) {
    const auto input = register_module("input_layer", std::make_shared<torch::nn::Module>());
    conv_ = input->register_module("0", convolution3x3(3, 64));
    bn_ = input->register_module("1", std::make_shared<BatchNorm>(64));
    prelu_ = input->register_module("2", std::make_shared<PRelu>(64));

    const auto output = register_module("output_layer", std::make_shared<torch::nn::Module>());
    output_norm_ = output->register_module("0", std::make_shared<BatchNorm>(512));
    embedding_ = output->register_module("3", std::make_shared<Linear>(512 * size.map * size.map, embedding));
    embedding_norm_ = output->register_module("4", std::make_shared<BatchNorm>(embedding));

    const auto body = register_module("body", std::make_shared<torch::nn::Module>());
    constexpr std::array<int, 4> blocks = {3, 4, 14, 3};
    std::int64_t in = 64;
    for (std::size_t k = 0; k < blocks.size(); ++k) {
      const std::int64_t out = std::int64_t{64} << k;
      for (int i = 0; i < blocks[k]; ++i, in = out)
        blocks_.push_back(
            body->register_module(std::to_string(blocks_.size()), std::make_shared<SeBlock>(in, out, i == 0 ? 2 : 1)));
    }
    add_classifier("classifier", embedding, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = prelu_->forward(bn_->forward(conv_->forward(images), mode));
    for (const auto& block : blocks_) x = block->forward(x, mode);
    return x;
  }

  torch::Tensor features(const torch::Tensor& maps, NormMode mode, const Dropout& dropout) const override {
    size_.require(maps);
    const torch::Tensor flat = dropout(output_norm_->forward(maps, mode)).flatten(1);
    return embedding_norm_->forward(embedding_->forward(flat), mode);
  }

  bool features_are_mean_maps() const override { return false; }

  void initialise(Random& random) override {
    fergraph::initialise(*this, {.convolution = Init::uniform_fan_in}, random);
  }

 private:
  FixedSize size_;
  std::shared_ptr<Convolution> conv_;
  std::shared_ptr<BatchNorm> bn_, output_norm_, embedding_norm_;
  std::shared_ptr<PRelu> prelu_;
  std::shared_ptr<Linear> embedding_;
  std::vector<std::shared_ptr<SeBlock>> blocks_;
};

}  // namespace

std::shared_ptr<Backbone> make_se_resnet50_ir(std::int64_t classes, std::int64_t input_size, std::int64_t embedding) {
  return std::make_shared<SeResNet50Ir>(classes, FixedSize::after_halvings(input_size, 4), embedding);
}

}  // namespace fergraph
