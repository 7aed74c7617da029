#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

// BN-conv-BN-PReLU-conv-BN beside an identity, or beside a strided 1x1 convolution where the size changes.
class ImprovedBlock : public torch::nn::Module {
 public:
  ImprovedBlock(std::int64_t in, std::int64_t out, std::int64_t stride) {
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(in));
    conv1_ = register_module("conv1", convolution3x3(in, out));
    bn2_ = register_module("bn2", std::make_shared<BatchNorm>(out));
    prelu_ = register_module("prelu", std::make_shared<PRelu>(out));
    conv2_ = register_module("conv2", convolution3x3(out, out, stride));
    bn3_ = register_module("bn3", std::make_shared<BatchNorm>(out));
    if (stride == 1 && in == out) return;
    const auto downsample = register_module("downsample", std::make_shared<torch::nn::Module>());
    shortcut_ = downsample->register_module("0", convolution1x1(in, out, stride));
    shortcut_norm_ = downsample->register_module("1", std::make_shared<BatchNorm>(out));
  }

  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    torch::Tensor branch = bn2_->forward(conv1_->forward(bn1_->forward(x, mode)), mode);
    branch = bn3_->forward(conv2_->forward(prelu_->forward(branch)), mode);
    return branch + (shortcut_ ? shortcut_norm_->forward(shortcut_->forward(x), mode) : x);
  }

 private:
  std::shared_ptr<Convolution> conv1_, conv2_, shortcut_;
  std::shared_ptr<BatchNorm> bn1_, bn2_, bn3_, shortcut_norm_;
  std::shared_ptr<PRelu> prelu_;
};

class IrResNet18 : public Backbone {
 public:
  IrResNet18(std::int64_t classes, const FixedSize& size, std::int64_t embedding) : size_(size) {
    conv1_ = register_module("conv1", convolution3x3(3, 64));
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(64));
    prelu_ = register_module("prelu", std::make_shared<PRelu>(64));
    std::int64_t in = 64;
    for (int k = 0; k < 4; ++k) {
      const auto layer = register_module("layer" + std::to_string(k + 1), std::make_shared<torch::nn::Module>());
      const std::int64_t out = std::int64_t{64} << k;
      blocks_.push_back(layer->register_module("0", std::make_shared<ImprovedBlock>(in, out, 2)));
      blocks_.push_back(layer->register_module("1", std::make_shared<ImprovedBlock>(out, out, 1)));
      in = out;
    }
    bn2_ = register_module("bn2", std::make_shared<BatchNorm>(in));
    fc_ = register_module("fc", std::make_shared<Linear>(in * size.map * size.map, embedding));
    // Its scale stays at one: a margin loss on normalised features would otherwise choose its own temperature.
    features_ =
        register_module("features", std::make_shared<BatchNorm>(embedding, BatchNormShape{.learns_scale = false}));
    add_classifier("classifier", embedding, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = prelu_->forward(bn1_->forward(conv1_->forward(images), mode));
    for (const auto& block : blocks_) x = block->forward(x, mode);
    return x;
  }

  torch::Tensor features(const torch::Tensor& maps, NormMode mode, const Dropout& dropout) const override {
    size_.require(maps);
    return features_->forward(fc_->forward(dropout(bn2_->forward(maps, mode).flatten(1))), mode);
  }

  bool features_are_mean_maps() const override { return false; }

  void initialise(Random& random) override { fergraph::initialise(*this, {.convolution = Init::normal_tenth}, random); }

 private:
  FixedSize size_;
  std::shared_ptr<Convolution> conv1_;
  std::shared_ptr<BatchNorm> bn1_, bn2_, features_;
  std::shared_ptr<PRelu> prelu_;
  std::vector<std::shared_ptr<ImprovedBlock>> blocks_;
  std::shared_ptr<Linear> fc_;
};

}  // namespace

std::shared_ptr<Backbone> make_ir_resnet18(std::int64_t classes, std::int64_t input_size, std::int64_t embedding) {
  return std::make_shared<IrResNet18>(classes, FixedSize::after_halvings(input_size, 4), embedding);
}

}  // namespace fergraph
