// The architectures that a network may have: convolutional maps, features made of them, then one linear classifier.
// Their parameters have the names of the public implementations, so that published weights load as they are.
#pragma once

#include <memory>

#include "nodes/network/backbone_choice.hpp"
#include "nodes/network/dropout.hpp"
#include "nodes/network/layers.hpp"

namespace fergraph {

class Backbone : public torch::nn::Module {
 public:
  /// float [N,3,H,W] → float [N,M,h,w], the last convolutional maps, after the last activation. `dropout` knows the
  /// forward's draws; architectures that drop nothing before their maps leave it.
  virtual torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout& dropout) const = 0;
  /// Of the maps → float [N,width], what the classifier sees. Dropout acts where the public implementation has it, and
  /// where that has none on the features.
  virtual torch::Tensor features(const torch::Tensor& maps, NormMode mode, const Dropout& dropout) const;
  /// Whether the features are the maps' means over all positions, so that the classifier's weights are also those of
  /// the maps (class activation).
  virtual bool features_are_mean_maps() const { return true; }
  virtual void initialise(Random& random) = 0;

  std::int64_t width() const { return classifier_->weight().size(1); }
  std::int64_t classes() const { return classifier_->weight().size(0); }
  const Linear& classifier() const { return *classifier_; }
  /// "fc", "classifier.6": the beginning of its parameters' names.
  const std::string& classifier_name() const { return classifier_name_; }

 protected:
  /// Registers the classifier as the child `name` of `parent`, whose own name is `prefix`.
  void add_classifier(torch::nn::Module& parent, const std::string& prefix, const std::string& name, std::int64_t width,
                      std::int64_t classes);
  void add_classifier(const std::string& name, std::int64_t width, std::int64_t classes) {
    add_classifier(*this, "", name, width, classes);
  }

 private:
  std::shared_ptr<Linear> classifier_;
  std::string classifier_name_;
};

/// Features that depend on the size of the maps: how large the images are, and the maps of such images.
struct FixedSize {
  std::int64_t image = 0;
  std::int64_t map = 0;

  /// `halvings` convolutions or poolings of stride 2, each rounding up. Throws std::runtime_error for no size.
  static FixedSize after_halvings(std::int64_t image, int halvings);
  /// Throws std::runtime_error where these maps are of images of another size.
  void require(const torch::Tensor& maps) const;
};

struct BackboneDesign {
  BackboneChoice choice;
  std::int64_t classes = 0;
  std::int64_t input_size = 0;   // 0: the architecture's own
  std::int64_t embedding = 512;  // width of the features of face-recognition networks
};

/// Built-in ones with zero weights: call initialise, or copy values into the parameters. Throws std::runtime_error for
/// a size that makes no network, and for a script that cannot be loaded or gives no features.
std::shared_ptr<Backbone> make_backbone(const BackboneDesign& design);

/// Three convolutions 3→32→64→128 (3x3), each with batch normalisation and ReLU, the first two followed by 2x2 pooling.
std::shared_ptr<Backbone> make_tinynet(std::int64_t classes);

/// ResNet-18, -34, -50 (He et al., CVPR 2016) with torchvision's names; `layers` is one of these numbers.
std::shared_ptr<Backbone> make_resnet(int layers, std::int64_t classes);

/// ResNet-18 for faces (Deng et al., CVPR 2019, "improved residual units"), names of insightface's iresnet18: 3x3 stem
/// without pooling, then batch norm, dropout, a linear embedding `fc` and batch norm `features`. The classifier, which
/// the public implementation keeps elsewhere, is `classifier`.
std::shared_ptr<Backbone> make_ir_resnet18(std::int64_t classes, std::int64_t input_size, std::int64_t embedding);

/// ResNet-50 for faces with squeeze and excitation (Hu et al., CVPR 2018), names of InsightFace_Pytorch's
/// Backbone(50, mode='ir_se'): `input_layer`, `body`, `output_layer`, and `classifier`.
std::shared_ptr<Backbone> make_se_resnet50_ir(std::int64_t classes, std::int64_t input_size, std::int64_t embedding);

/// Wide ResNet 28-2 (Zagoruyko & Komodakis, BMVC 2016) as USB trains it (semilearn/nets/wrn), with its names: leaky
/// ReLU 0.1, batch norm with eps and momentum 0.001, convolutions with bias.
std::shared_ptr<Backbone> make_wide_resnet28_2(std::int64_t classes);

/// MobileNetV2 (Sandler et al., CVPR 2018) with torchvision's names; the classifier is `classifier.1`.
std::shared_ptr<Backbone> make_mobilenet_v2(std::int64_t classes);

/// VGG-16 with batch normalisation (Simonyan & Zisserman, ICLR 2015) with torchvision's names; features are what
/// `classifier.6` sees, 4096 numbers.
std::shared_ptr<Backbone> make_vgg16_bn(std::int64_t classes);

/// The 7-layer CNN of JoCoR's experiments on CIFAR (Wei et al., CVPR 2020; model/cnn.py) with its names: six
/// convolutions, and the classifier `linear1` over all positions of 16 maps.
std::shared_ptr<Backbone> make_cnn7(std::int64_t classes, std::int64_t input_size);

/// MobileFaceNet (Chen et al., CCBR 2018), names of InsightFace_Pytorch, and `classifier`.
std::shared_ptr<Backbone> make_mobilefacenet(std::int64_t classes, std::int64_t input_size, std::int64_t embedding);

/// A scripted or traced module whose forward takes float [N,3,H,W] and gives features [N,D], or maps [N,D,h,w] whose
/// means are the features. Its values are found under `script.`, the classifier is `classifier`. `input_size` is the
/// side of the images with which it is tried (0: 112).
std::shared_ptr<Backbone> make_script_backbone(const std::filesystem::path& file, std::int64_t classes,
                                               std::int64_t input_size);

}  // namespace fergraph
