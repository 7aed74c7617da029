#include "nodes/network/backbone.hpp"

namespace fergraph {
namespace {

constexpr std::int64_t face_size = 112;
constexpr std::int64_t cifar_size = 32;

std::string square(std::int64_t side) { return std::to_string(side) + "x" + std::to_string(side); }

}  // namespace

torch::Tensor Backbone::features(const torch::Tensor& maps, NormMode, const Dropout& dropout) const {
  return dropout(maps.mean({2, 3}));
}

void Backbone::add_classifier(torch::nn::Module& parent, const std::string& prefix, const std::string& name,
                              std::int64_t width, std::int64_t classes) {
  classifier_ = parent.register_module(name, std::make_shared<Linear>(width, classes));
  classifier_name_ = prefix.empty() ? name : prefix + "." + name;
}

FixedSize FixedSize::after_halvings(std::int64_t image, int halvings) {
  if (image < 1)
    throw std::runtime_error("The 'input_size' of a network is the side of its images in pixels, but it is " +
                             std::to_string(image) + ".");
  FixedSize size{image, image};
  for (int i = 0; i < halvings; ++i) size.map = (size.map + 1) / 2;
  return size;
}

void FixedSize::require(const torch::Tensor& maps) const {
  if (maps.size(2) == map && maps.size(3) == map) return;
  throw std::runtime_error("This network was made for images of " + square(image) + " pixels, whose last maps are " +
                           square(map) + ", but these images gave maps of " + std::to_string(maps.size(2)) + "x" +
                           std::to_string(maps.size(3)) + ". Say the side of the images with 'input_size'.");
}

std::shared_ptr<Backbone> make_backbone(const BackboneDesign& design) {
  const std::int64_t classes = design.classes;
  const auto size_or = [&](std::int64_t own) { return design.input_size == 0 ? own : design.input_size; };
  switch (design.choice.name) {
    case BackboneName::tinynet:
      return make_tinynet(classes);
    case BackboneName::resnet18:
      return make_resnet(18, classes);
    case BackboneName::resnet34:
      return make_resnet(34, classes);
    case BackboneName::resnet50:
      return make_resnet(50, classes);
    case BackboneName::ir_resnet18:
      return make_ir_resnet18(classes, size_or(face_size), design.embedding);
    case BackboneName::se_resnet50_ir:
      return make_se_resnet50_ir(classes, size_or(face_size), design.embedding);
    case BackboneName::wide_resnet28_2:
      return make_wide_resnet28_2(classes);
    case BackboneName::mobilenet_v2:
      return make_mobilenet_v2(classes);
    case BackboneName::vgg16_bn:
      return make_vgg16_bn(classes);
    case BackboneName::cnn7:
      return make_cnn7(classes, size_or(cifar_size));
    case BackboneName::mobilefacenet:
      return make_mobilefacenet(classes, size_or(face_size), design.embedding);
    case BackboneName::torchscript:
      return make_script_backbone(design.choice.script, classes, size_or(face_size));
  }
  throw std::logic_error("A backbone has no maker.");
}

}  // namespace fergraph
