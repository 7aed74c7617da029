#include <array>

#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

class Vgg16 : public Backbone {
 public:
  explicit Vgg16(std::int64_t classes) {
    const auto features = register_module("features", std::make_shared<torch::nn::Module>());
    // Convolutions per size of maps, and their channels: configuration D of the paper.
    constexpr std::array<std::array<std::int64_t, 2>, 5> groups = {{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}}};
    std::int64_t in = 3;
    int place = 0;  // in torchvision's sequence, where ReLU and pooling have places too
    for (const auto& [count, out] : groups) {
      for (std::int64_t i = 0; i < count; ++i, in = out, place += 3) {
        Layer layer;
        layer.convolution = features->register_module(
            std::to_string(place),
            std::make_shared<Convolution>(in, out, ConvolutionShape{.size = 3, .padding = 1, .bias = true}));
        layer.norm = features->register_module(std::to_string(place + 1), std::make_shared<BatchNorm>(out));
        layer.ends_group = i + 1 == count;
        layers_.push_back(std::move(layer));
      }
      ++place;
    }
    const auto classifier = register_module("classifier", std::make_shared<torch::nn::Module>());
    fc1_ = classifier->register_module("0", std::make_shared<Linear>(512 * 7 * 7, 4096));
    fc2_ = classifier->register_module("3", std::make_shared<Linear>(4096, 4096));
    add_classifier(*classifier, "classifier", "6", 4096, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = images;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (i > 0 && layers_[i - 1].ends_group) x = torch::max_pool2d(x, 2);
      x = layers_[i].norm->rectified(layers_[i].convolution->forward(x), mode);
    }
    return x;
  }

  torch::Tensor features(const torch::Tensor& maps, NormMode, const Dropout& dropout) const override {
    const torch::Tensor pooled = torch::adaptive_avg_pool2d(torch::max_pool2d(maps, 2), {7, 7}).flatten(1);
    const torch::Tensor inner = dropout(torch::relu(fc1_->forward(pooled)));
    return dropout(torch::relu(fc2_->forward(inner)));
  }

  bool features_are_mean_maps() const override { return false; }

  void initialise(Random& random) override {
    fergraph::initialise(
        *this, {.convolution_bias = Init::zero, .linear = Init::normal_hundredth, .linear_bias = Init::zero}, random);
  }

 private:
  struct Layer {
    std::shared_ptr<Convolution> convolution;
    std::shared_ptr<BatchNorm> norm;
    bool ends_group = false;  // followed by pooling
  };
  std::vector<Layer> layers_;
  std::shared_ptr<Linear> fc1_, fc2_;
};

}  // namespace

std::shared_ptr<Backbone> make_vgg16_bn(std::int64_t classes) { return std::make_shared<Vgg16>(classes); }

}  // namespace fergraph
