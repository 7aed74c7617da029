#include <array>

#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

class Cnn7 : public Backbone {
 public:
  Cnn7(std::int64_t classes, std::int64_t input_size) : size_{input_size, input_size / 4} {
    if (input_size < 8)
      throw std::runtime_error("A cnn7 halves its images three times, so 'input_size' must be at least 8, but it is " +
                               std::to_string(input_size) + ".");
    std::int64_t in = 3;
    for (std::size_t i = 0; i < channels.size(); in = channels[i++]) {
      const ConvolutionShape shape = {.size = 3, .padding = 1, .bias = true};
      convolutions_[i] = register_module(names[i][0], std::make_shared<Convolution>(in, channels[i], shape));
      norms_[i] = register_module(names[i][1], std::make_shared<BatchNorm>(channels[i]));
    }
    const std::int64_t side = size_.map / 2;
    add_classifier("linear1", in * side * side, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = images;
    for (std::size_t i = 0; i < channels.size(); ++i) {
      if (i == 2 || i == 4) x = torch::max_pool2d(x, 2);
      x = norms_[i]->rectified(convolutions_[i]->forward(x), mode);
    }
    return x;
  }

  torch::Tensor features(const torch::Tensor& maps, NormMode, const Dropout& dropout) const override {
    size_.require(maps);
    return dropout(torch::max_pool2d(maps, 2).flatten(1));
  }

  bool features_are_mean_maps() const override { return false; }

  void initialise(Random& random) override {
    fergraph::initialise(*this, {.convolution = Init::uniform_fan_in}, random);
  }

 private:
  static constexpr std::array<std::int64_t, 6> channels = {64, 64, 128, 128, 196, 16};
  static constexpr std::array<std::array<const char*, 2>, 6> names = {
      {{"c1", "bn1"}, {"c2", "bn2"}, {"c3", "bn3"}, {"c4", "bn4"}, {"c5", "bn5"}, {"c6", "bn6"}}};

  FixedSize size_;
  std::array<std::shared_ptr<Convolution>, 6> convolutions_;
  std::array<std::shared_ptr<BatchNorm>, 6> norms_;
};

}  // namespace

std::shared_ptr<Backbone> make_cnn7(std::int64_t classes, std::int64_t input_size) {
  return std::make_shared<Cnn7>(classes, input_size);
}

}  // namespace fergraph
