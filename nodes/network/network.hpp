// A network as a state: a backbone, how pixels become its input, and its values.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/network/backbone.hpp"
#include "nodes/tensor_blob.hpp"

namespace fergraph {

enum class ChannelOrder { rgb, bgr };

template <>
struct Words<ChannelOrder> {
  static constexpr std::array<std::pair<std::string_view, ChannelOrder>, 2> all = {
      {{"RGB", ChannelOrder::rgb}, {"BGR", ChannelOrder::bgr}}};
};

/// What convolutions and other products of a network compute in; its values are float32 in any case.
enum class Precision { float32, bf16, fp16 };

template <>
struct Words<Precision> {
  static constexpr std::array<std::pair<std::string_view, Precision>, 3> all = {
      {{"float32", Precision::float32}, {"bf16", Precision::bf16}, {"fp16", Precision::fp16}}};
};

/// The order in which maps and kernels lie in memory: [N,C,H,W], or [N,H,W,C].
enum class MapLayout {
  automatic,  // what is faster: contiguous for float32 on a GPU, else channels_last
  contiguous,
  channels_last
};

template <>
struct Words<MapLayout> {
  static constexpr std::array<std::pair<std::string_view, MapLayout>, 3> all = {
      {{"auto", MapLayout::automatic},
       {"contiguous", MapLayout::contiguous},
       {"channels_last", MapLayout::channels_last}}};
};

/// What one forward gives.
struct NetworkOutput {
  torch::Tensor logits;    // float [N,C]
  torch::Tensor features;  // float [N,D], what the classifier saw
  torch::Tensor maps;      // float [N,M,h,w]
};

class Network : public fergraph::State {
 public:
  static constexpr std::string_view kind_name = "network";

  struct Params {
    BackboneChoice backbone;
    std::int64_t classes = 0;  // 0: not given
    bool normalize_feature = false;
    double dropout = 0;
    std::vector<double> mean = {0.485, 0.456, 0.406};
    std::vector<double> std = {0.229, 0.224, 0.225};
    ChannelOrder channels = ChannelOrder::rgb;
    std::filesystem::path weights;
    Precision precision = Precision::float32;
    MapLayout memory_format = MapLayout::automatic;
    std::vector<std::string> weights_except;
    std::int64_t input_size = 0;  // 0: the architecture's own
    std::int64_t embedding = 512;
  };
  struct Links {
    const Network* copy_of = nullptr;
  };
  static StateContract<Network> contract();

  /// Throws std::runtime_error for parameters that make no network and for weights that cannot be read or do not fit.
  Network(const Params& params, const Links& links, const StateScope& scope);

  /// A forward in train mode: batch statistics, dropout with masks drawn from `draws`. With `update` it moves the
  /// running statistics and must be alone; with `leave` any number may run at the same time.
  NetworkOutput train_forward(const torch::Tensor& images, NormMode mode, Random draws) const;
  /// A forward in eval mode: running statistics, no dropout. Any number may run at the same time.
  NetworkOutput eval_forward(const torch::Tensor& images) const;

  /// uint8 [N,H,W,3] RGB → float [N,3,H,W] in the network's channel order, (x/255 - mean)/std; float images are only
  /// moved to the device.
  torch::Tensor normalise(const torch::Tensor& images) const;

  std::int64_t classes() const { return backbone_->classes(); }
  std::int64_t width() const { return backbone_->width(); }
  const torch::Device& device() const { return device_; }
  Precision precision() const { return design_.precision; }
  const Linear& classifier() const { return backbone_->classifier(); }
  /// Whether features are the maps' means, so that the classifier's weights are also those of the maps.
  bool features_are_mean_maps() const { return backbone_->features_are_mean_maps(); }

  /// What an optimizer moves, and everything else that a step may change, by the names of the public implementations.
  const NamedTensors& parameters() const { return parameters_; }
  const NamedTensors& buffers() const { return buffers_; }

  Blobs save() const override;
  void restore(const Blobs& blobs) override;

 private:
  torch::Tensor maps_of(const torch::Tensor& images, NormMode mode, const Dropout& dropout) const;
  NetworkOutput forward(const torch::Tensor& images, NormMode mode, const Dropout& dropout) const;
  void load(const Params& params);

  Params design_;
  std::string name_;
  torch::Device device_;
  std::shared_ptr<Backbone> backbone_;
  NamedTensors parameters_, buffers_, all_;
  torch::Tensor mean_, deviation_;  // float [1,3,1,1]
};

}  // namespace fergraph
