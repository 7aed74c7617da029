#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

// Convolution and batch normalisation, with PReLU or linear.
class NormedConvolution : public torch::nn::Module {
 public:
  NormedConvolution(std::int64_t in, std::int64_t out, const ConvolutionShape& shape, bool active = true) {
    conv_ = register_module("conv", std::make_shared<Convolution>(in, out, shape));
    bn_ = register_module("bn", std::make_shared<BatchNorm>(out));
    if (active) prelu_ = register_module("prelu", std::make_shared<PRelu>(out));
  }

  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    const torch::Tensor normed = bn_->forward(conv_->forward(x), mode);
    return prelu_ ? prelu_->forward(normed) : normed;
  }

 private:
  std::shared_ptr<Convolution> conv_;
  std::shared_ptr<BatchNorm> bn_;
  std::shared_ptr<PRelu> prelu_;
};

constexpr ConvolutionShape pointwise = {.size = 1};

ConvolutionShape depthwise(std::int64_t channels, std::int64_t stride) {
  return {.size = 3, .stride = stride, .padding = 1, .groups = channels};
}

// Widened to `inner` channels, a depthwise convolution, and a linear 1x1 convolution to `out`.
class DepthWise : public torch::nn::Module {
 public:
  DepthWise(std::int64_t in, std::int64_t inner, std::int64_t out, std::int64_t stride, bool has_identity)
      : has_identity_(has_identity) {
    conv_ = register_module("conv", std::make_shared<NormedConvolution>(in, inner, pointwise));
    conv_dw_ = register_module("conv_dw", std::make_shared<NormedConvolution>(inner, inner, depthwise(inner, stride)));
    project_ = register_module("project", std::make_shared<NormedConvolution>(inner, out, pointwise, /*active=*/false));
  }

  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    const torch::Tensor branch = project_->forward(conv_dw_->forward(conv_->forward(x, mode), mode), mode);
    return has_identity_ ? x + branch : branch;
  }

 private:
  bool has_identity_;
  std::shared_ptr<NormedConvolution> conv_, conv_dw_, project_;
};

class MobileFaceNet : public Backbone {
 public:
  MobileFaceNet(std::int64_t classes, const FixedSize& size, std::int64_t embedding) : size_(size) {
    conv1_ = register_module(
        "conv1", std::make_shared<NormedConvolution>(3, 64, ConvolutionShape{.size = 3, .stride = 2, .padding = 1}));
    conv2_dw_ = register_module("conv2_dw", std::make_shared<NormedConvolution>(64, 64, depthwise(64, 1)));
    add_shrinking("conv_23", 64, 128, 64);
    add_residuals("conv_3", 64, 128, 4);
    add_shrinking("conv_34", 64, 256, 128);
    add_residuals("conv_4", 128, 256, 6);
    add_shrinking("conv_45", 128, 512, 128);
    add_residuals("conv_5", 128, 256, 2);
    conv_6_sep_ = register_module("conv_6_sep", std::make_shared<NormedConvolution>(128, 512, pointwise));
    // One window over the whole map, per channel.
    conv_6_dw_ = register_module(
        "conv_6_dw", std::make_shared<NormedConvolution>(512, 512, ConvolutionShape{.size = size.map, .groups = 512},
                                                         /*active=*/false));
    linear_ = register_module("linear", std::make_shared<Linear>(512, embedding, /*has_bias=*/false));
    bn_ = register_module("bn", std::make_shared<BatchNorm>(embedding));
    add_classifier("classifier", embedding, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = conv2_dw_->forward(conv1_->forward(images, mode), mode);
    for (const auto& block : blocks_) x = block->forward(x, mode);
    return conv_6_sep_->forward(x, mode);
  }

  torch::Tensor features(const torch::Tensor& maps, NormMode mode, const Dropout& dropout) const override {
    size_.require(maps);
    const torch::Tensor flat = conv_6_dw_->forward(maps, mode).flatten(1);
    return dropout(bn_->forward(linear_->forward(flat), mode));
  }

  bool features_are_mean_maps() const override { return false; }

  void initialise(Random& random) override {
    fergraph::initialise(*this, {.convolution = Init::uniform_fan_in}, random);
  }

 private:
  void add_shrinking(const std::string& name, std::int64_t in, std::int64_t inner, std::int64_t out) {
    blocks_.push_back(register_module(name, std::make_shared<DepthWise>(in, inner, out, 2, /*has_identity=*/false)));
  }

  void add_residuals(const std::string& name, std::int64_t channels, std::int64_t inner, int count) {
    const auto group = register_module(name, std::make_shared<torch::nn::Module>());
    const auto model = group->register_module("model", std::make_shared<torch::nn::Module>());
    for (int i = 0; i < count; ++i)
      blocks_.push_back(model->register_module(
          std::to_string(i), std::make_shared<DepthWise>(channels, inner, channels, 1, /*has_identity=*/true)));
  }

  FixedSize size_;
  std::shared_ptr<NormedConvolution> conv1_, conv2_dw_, conv_6_sep_, conv_6_dw_;
  std::vector<std::shared_ptr<DepthWise>> blocks_;
  std::shared_ptr<Linear> linear_;
  std::shared_ptr<BatchNorm> bn_;
};

}  // namespace

std::shared_ptr<Backbone> make_mobilefacenet(std::int64_t classes, std::int64_t input_size, std::int64_t embedding) {
  return std::make_shared<MobileFaceNet>(classes, FixedSize::after_halvings(input_size, 4), embedding);
}

}  // namespace fergraph
