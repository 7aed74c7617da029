// Which architecture a network has, as a pipeline file says it.
#pragma once

#include <filesystem>

#include "graph/parameter.hpp"

namespace fergraph {

enum class BackboneName {
  tinynet,
  resnet18,
  resnet34,
  resnet50,
  ir_resnet18,
  se_resnet50_ir,
  wide_resnet28_2,
  mobilenet_v2,
  vgg16_bn,
  cnn7,
  mobilefacenet,
  torchscript
};

/// One of the architectures by name, or `torchscript:FILE`.
struct BackboneChoice {
  BackboneName name = BackboneName::resnet18;
  std::filesystem::path script;  // of torchscript alone

  BackboneChoice() = default;
  BackboneChoice(BackboneName which, std::filesystem::path file = {}) : name(which), script(std::move(file)) {}
};

template <>
struct Words<BackboneChoice> {
  static constexpr std::array<std::pair<std::string_view, BackboneName>, 12> all = {
      {{"tinynet", BackboneName::tinynet},
       {"resnet18", BackboneName::resnet18},
       {"resnet34", BackboneName::resnet34},
       {"resnet50", BackboneName::resnet50},
       {"ir_resnet18", BackboneName::ir_resnet18},
       {"se_resnet50_ir", BackboneName::se_resnet50_ir},
       {"wide_resnet28_2", BackboneName::wide_resnet28_2},
       {"mobilenet_v2", BackboneName::mobilenet_v2},
       {"vgg16_bn", BackboneName::vgg16_bn},
       {"cnn7", BackboneName::cnn7},
       {"mobilefacenet", BackboneName::mobilefacenet},
       {"torchscript:FILE", BackboneName::torchscript}}};
};

template <>
struct Codec<BackboneChoice> {
  static BackboneChoice parse(const Tree& tree, const Tree* params);
  static std::string type();
  static std::string show(const BackboneChoice& choice);
  static constexpr const char* schema = "string";
};

}  // namespace fergraph
