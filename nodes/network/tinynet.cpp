#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

class TinyNet : public Backbone {
 public:
  explicit TinyNet(std::int64_t classes) {
    conv1_ = register_module("conv1", convolution3x3(3, 32));
    bn1_ = register_module("bn1", std::make_shared<BatchNorm>(32));
    conv2_ = register_module("conv2", convolution3x3(32, 64));
    bn2_ = register_module("bn2", std::make_shared<BatchNorm>(64));
    conv3_ = register_module("conv3", convolution3x3(64, 128));
    bn3_ = register_module("bn3", std::make_shared<BatchNorm>(128));
    add_classifier("fc", 128, classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout&) const override {
    torch::Tensor x = torch::max_pool2d(bn1_->rectified(conv1_->forward(images), mode), 2);
    x = torch::max_pool2d(bn2_->rectified(conv2_->forward(x), mode), 2);
    return bn3_->rectified(conv3_->forward(x), mode);
  }

  void initialise(Random& random) override { fergraph::initialise(*this, {}, random); }

 private:
  std::shared_ptr<Convolution> conv1_, conv2_, conv3_;
  std::shared_ptr<BatchNorm> bn1_, bn2_, bn3_;
};

}  // namespace

std::shared_ptr<Backbone> make_tinynet(std::int64_t classes) { return std::make_shared<TinyNet>(classes); }

}  // namespace fergraph
