#include "nodes/network/backbone.hpp"

namespace fergraph {
namespace {

// A residual branch of two convolutions beside an identity, or beside a strided 1x1 convolution where the size changes.
class BasicBlock : public torch::nn::Module {
 public:
  BasicBlock(std::int64_t in, std::int64_t out, std::int64_t stride) {
    conv1_ = register_module("conv1", std::make_shared<Convolution>(in, out, 3, stride, 1));
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(out));
    conv2_ = register_module("conv2", std::make_shared<Convolution>(out, out, 3, 1, 1));
    bn2_ = register_module("bn2", std::make_shared<BatchNorm>(out));
    if (stride == 1 && in == out) return;
    const auto downsample = register_module("downsample", std::make_shared<torch::nn::Module>());
    shortcut_ = downsample->register_module("0", std::make_shared<Convolution>(in, out, 1, stride, 0));
    shortcut_norm_ = downsample->register_module("1", std::make_shared<BatchNorm>(out));
  }

  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    torch::Tensor branch = torch::relu(bn1_->forward(conv1_->forward(x), mode));
    branch = bn2_->forward(conv2_->forward(branch), mode);
    return torch::relu(branch + (shortcut_ ? shortcut_norm_->forward(shortcut_->forward(x), mode) : x));
  }

  void initialise(Random& random) {
    conv1_->initialise(random);
    conv2_->initialise(random);
    if (shortcut_) shortcut_->initialise(random);
  }

 private:
  std::shared_ptr<Convolution> conv1_, conv2_, shortcut_;
  std::shared_ptr<BatchNorm> bn1_, bn2_, shortcut_norm_;
};

class ResNet18 : public Backbone {
 public:
  explicit ResNet18(std::int64_t classes) {
    conv1_ = register_module("conv1", std::make_shared<Convolution>(3, 64, 7, 2, 3));
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(64));
    add_layer("layer1", 64, 64, 1);
    add_layer("layer2", 64, 128, 2);
    add_layer("layer3", 128, 256, 2);
    add_layer("layer4", 256, 512, 2);
    fc_ = register_module("fc", std::make_shared<Linear>(512, classes));
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode) const override {
    torch::Tensor x = torch::relu(bn1_->forward(conv1_->forward(images), mode));
    x = torch::max_pool2d(x, 3, 2, 1);
    for (const auto& block : blocks_) x = block->forward(x, mode);
    return x;
  }

  void initialise(Random& random) override {
    conv1_->initialise(random);
    for (const auto& block : blocks_) block->initialise(random);
    fc_->initialise(random);
  }

 private:
  void add_layer(const std::string& name, std::int64_t in, std::int64_t out, std::int64_t stride) {
    const auto layer = register_module(name, std::make_shared<torch::nn::Module>());
    blocks_.push_back(layer->register_module("0", std::make_shared<BasicBlock>(in, out, stride)));
    blocks_.push_back(layer->register_module("1", std::make_shared<BasicBlock>(out, out, 1)));
  }

  std::shared_ptr<Convolution> conv1_;
  std::shared_ptr<BatchNorm> bn1_;
  std::vector<std::shared_ptr<BasicBlock>> blocks_;
};

}  // namespace

std::shared_ptr<Backbone> make_resnet18(std::int64_t classes) { return std::make_shared<ResNet18>(classes); }

std::shared_ptr<Backbone> make_backbone(BackboneName name, std::int64_t classes) {
  return name == BackboneName::tinynet ? make_tinynet(classes) : make_resnet18(classes);
}

}  // namespace fergraph
