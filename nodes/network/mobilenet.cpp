#include <array>

#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

std::shared_ptr<Convolution> depthwise3x3(std::int64_t channels, std::int64_t stride) {
  return std::make_shared<Convolution>(channels, channels,
                                       ConvolutionShape{.size = 3, .stride = stride, .padding = 1, .groups = channels});
}

// Convolution, batch normalisation, ReLU6.
class ActiveConvolution : public torch::nn::Module {
 public:
  explicit ActiveConvolution(std::shared_ptr<Convolution> convolution) {
    const std::int64_t channels = convolution->weight().size(0);
    convolution_ = register_module("0", std::move(convolution));
    norm_ = register_module("1", std::make_shared<BatchNorm>(channels));
  }

  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    return torch::hardtanh(norm_->forward(convolution_->forward(x), mode), 0, 6);
  }

 private:
  std::shared_ptr<Convolution> convolution_;
  std::shared_ptr<BatchNorm> norm_;
};

// Widened by a 1x1 convolution, a depthwise one, and a linear 1x1 convolution to few channels again.
class InvertedResidual : public torch::nn::Module {
 public:
  InvertedResidual(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t expansion)
      : has_identity_(stride == 1 && in == out) {
    const auto conv = register_module("conv", std::make_shared<torch::nn::Module>());
    const std::int64_t inner = in * expansion;
    const auto add = [&](auto module) {
      return conv->register_module(std::to_string(conv->children().size()), std::move(module));
    };
    if (expansion != 1) widen_ = add(std::make_shared<ActiveConvolution>(convolution1x1(in, inner)));
    depthwise_ = add(std::make_shared<ActiveConvolution>(depthwise3x3(inner, stride)));
    project_ = add(convolution1x1(inner, out));
    norm_ = add(std::make_shared<BatchNorm>(out));
  }

  torch::Tensor forward(const torch::Tensor& x, NormMode mode) const {
    torch::Tensor branch = widen_ ? widen_->forward(x, mode) : x;
    branch = norm_->forward(project_->forward(depthwise_->forward(branch, mode)), mode);
    return has_identity_ ? x + branch : branch;
  }

 private:
  bool has_identity_;
  std::shared_ptr<ActiveConvolution> widen_, depthwise_;
  std::shared_ptr<Convolution> project_;
  std::shared_ptr<BatchNorm> norm_;
};

class MobileNetV2 : public Backbone {
 public:
  explicit MobileNetV2(std::int64_t classes) {
    const auto features = register_module("features", std::make_shared<torch::nn::Module>());
    const auto add = [&](auto module) {
      return features->register_module(std::to_string(features->children().size()), std::move(module));
    };
    first_ = add(std::make_shared<ActiveConvolution>(convolution3x3(3, 32, 2)));
    // Expansion, channels, blocks, stride of the first: table 2 of the paper.
    constexpr std::array<std::array<std::int64_t, 4>, 7> groups = {
        {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}}};
    std::int64_t in = 32;
    for (const auto& [expansion, out, count, stride] : groups)
      for (std::int64_t i = 0; i < count; ++i, in = out)
        blocks_.push_back(add(std::make_shared<InvertedResidual>(in, out, i == 0 ? stride : 1, expansion)));
    last_ = add(std::make_shared<ActiveConvolution>(convolution1x1(in, 1280)));
    const auto classifier = register_module("classifier", std::make_shared<torch::nn::Module>());
    add_classifier(*classifier, "classifier", "1", 1280, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = first_->forward(images, mode);
    for (const auto& block : blocks_) x = block->forward(x, mode);
    return last_->forward(x, mode);
  }

  void initialise(Random& random) override {
    fergraph::initialise(*this, {.linear = Init::normal_hundredth, .linear_bias = Init::zero}, random);
  }

 private:
  std::shared_ptr<ActiveConvolution> first_, last_;
  std::vector<std::shared_ptr<InvertedResidual>> blocks_;
};

}  // namespace

std::shared_ptr<Backbone> make_mobilenet_v2(std::int64_t classes) { return std::make_shared<MobileNetV2>(classes); }

}  // namespace fergraph
