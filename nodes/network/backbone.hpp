// The architectures that a network may have: convolutional maps, then one linear classifier called `fc`.
#pragma once

#include <memory>

#include "graph/parameter.hpp"
#include "nodes/network/layers.hpp"

namespace fergraph {

enum class BackboneName { tinynet, resnet18 };

template <>
struct Words<BackboneName> {
  static constexpr std::array<std::pair<std::string_view, BackboneName>, 2> all = {
      {{"tinynet", BackboneName::tinynet}, {"resnet18", BackboneName::resnet18}}};
};

class Backbone : public torch::nn::Module {
 public:
  /// float [N,3,H,W] → float [N,width,h,w], after the last ReLU.
  virtual torch::Tensor maps(const torch::Tensor& images, NormMode mode) const = 0;
  virtual void initialise(Random& random) = 0;

  std::int64_t width() const { return fc_->weight().size(1); }
  std::int64_t classes() const { return fc_->weight().size(0); }
  const Linear& classifier() const { return *fc_; }

 protected:
  std::shared_ptr<Linear> fc_;
};

/// With zero weights: call initialise, or copy values into the parameters.
std::shared_ptr<Backbone> make_backbone(BackboneName name, std::int64_t classes);

/// Three convolutions 3→32→64→128 (3x3), each with batch normalisation and ReLU, the first two followed by 2x2 pooling.
std::shared_ptr<Backbone> make_tinynet(std::int64_t classes);

/// ResNet-18 (He et al., CVPR 2016), with torchvision's names of parameters.
std::shared_ptr<Backbone> make_resnet18(std::int64_t classes);

}  // namespace fergraph
