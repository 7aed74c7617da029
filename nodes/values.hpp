// The types of edges between nodes: tensors told apart by what they mean.
#pragma once

#include <torch/types.h>

#include <memory>
#include <opencv2/core.hpp>
#include <string>

#include "graph/value.hpp"
#include "nodes/image_window.hpp"

namespace fergraph {

/// The numbers of a tensor: float64, or int64 for integer and boolean ones. Waits for the device.
NumericArray numbers_of(const torch::Tensor& tensor);

// ---- of batches ----------------------------------------------------------------------------------------------------

/// uint8 [N,H,W,3] pixels (RGB) that the network normalises, or float [N,3,H,W] that count as normalised.
struct Images {
  static constexpr std::string_view type_name = "Images";
  torch::Tensor tensor;
};

/// float [N,C], scores before softmax.
struct Logits {
  static constexpr std::string_view type_name = "Logits";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// float [N,C], each row a distribution over the classes.
struct Probs {
  static constexpr std::string_view type_name = "Probs";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// float [N,D], what the classifier sees.
struct Features {
  static constexpr std::string_view type_name = "Features";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// float [N,D,h,w], the last convolutional maps.
struct Maps {
  static constexpr std::string_view type_name = "Maps";
  torch::Tensor tensor;
};

/// int64 [N], a class per row.
struct Labels {
  static constexpr std::string_view type_name = "Labels";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// float [N,C], soft targets per row.
struct Targets {
  static constexpr std::string_view type_name = "Targets";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// float [N], one number per row: a confidence, a loss per sample.
struct Score {
  static constexpr std::string_view type_name = "Score";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// bool [N], a subset of the rows.
struct Mask {
  static constexpr std::string_view type_name = "Mask";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// float [N], a weight per row.
struct Weights {
  static constexpr std::string_view type_name = "Weights";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// int64 [N], the sample of each row: its index in the stream's source.
struct Index {
  static constexpr std::string_view type_name = "Index";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// float [], with a gradient.
struct Loss {
  static constexpr std::string_view type_name = "Loss";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// Numbers of any shape that are looked at, not computed with: thresholds, a confusion matrix.
struct Numbers {
  static constexpr std::string_view type_name = "Numbers";
  torch::Tensor tensor;
  NumericArray numbers() const { return numbers_of(tensor); }
};

/// One number, known on the host.
struct Number {
  static constexpr std::string_view type_name = "Number";
  double value = 0;
  NumericArray numbers() const { return NumericArray::number(value); }
};

// ---- of samples, in streams ----------------------------------------------------------------------------------------

/// uint8 [H,W,3] pixels, RGB.
struct Image {
  static constexpr std::string_view type_name = "Image";
  cv::Mat pixels;
  /// Of a photograph of which only a part was decoded, or at a fraction of its size. Faces and their views are whole.
  ImageWindow window = {};
};

/// The class of a sample, -1 where unknown.
struct Label {
  static constexpr std::string_view type_name = "Label";
  std::int64_t value = -1;
};

/// The sample's index in its stream's source.
struct SampleIndex {
  static constexpr std::string_view type_name = "SampleIndex";
  std::int64_t value = 0;
};

}  // namespace fergraph
