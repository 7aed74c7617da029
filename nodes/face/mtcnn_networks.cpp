#include "nodes/face/mtcnn_networks.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nodes/tensor_blob.hpp"

namespace fergraph {
namespace {

using Shape = std::vector<std::int64_t>;

// Arrays of one network's file, each of which has to be there and to have its shape.
class Weights {
 public:
  Weights(std::string network, const Blobs& blobs) : network_(std::move(network)), blobs_(blobs) {}

  std::vector<float> get(const std::string& name, const Shape& shape) const {
    const auto found = blobs_.find(name);
    if (found == blobs_.end())
      throw RestoreError("These weights are not " + network_ + "'s: the array '" + name + "' is missing.");
    if (found->second.dtype != "F32" || found->second.shape != shape)
      throw RestoreError("These weights are not " + network_ + "'s: the array '" + name + "' is " +
                         found->second.dtype + " " + shape_text(found->second.shape) + " and should be F32 " +
                         shape_text(shape) + ".");
    std::vector<float> numbers(found->second.bytes.size() / sizeof(float));
    if (!numbers.empty()) std::memcpy(numbers.data(), found->second.bytes.data(), found->second.bytes.size());
    return numbers;
  }

 private:
  std::string network_;
  const Blobs& blobs_;
};

MtcnnLayer make_layer(int kernel, int inputs, int input_stride, int outputs) {
  MtcnnLayer layer;
  layer.kernel = kernel;
  layer.inputs = inputs;
  layer.input_stride = input_stride;
  layer.outputs = padded_channels(outputs);
  layer.weights.reserve(static_cast<std::size_t>(kernel) * kernel * inputs * layer.outputs);
  layer.bias.reserve(layer.outputs);
  layer.slope.reserve(layer.outputs);
  std::fill_n(layer.slope.data(), layer.outputs, 1.0F);
  return layer;
}

// The place of the weight from input i at kernel place k to output o.
float& weight_at(MtcnnLayer& layer, int o, int k, int i) {
  const int places = layer.kernel * layer.kernel;
  const std::size_t block = o / channel_block, lane = o % channel_block;
  return layer.weights.data()[((block * places + k) * layer.inputs + i) * channel_block + lane];
}

MtcnnLayer convolution(const Weights& weights, const std::string& name, const std::string& slope, int kernel,
                       int inputs, int outputs) {
  MtcnnLayer layer = make_layer(kernel, inputs, inputs == 3 ? 3 : padded_channels(inputs), outputs);
  const std::vector<float> w = weights.get(name + ".weight", {outputs, inputs, kernel, kernel});
  const std::vector<float> b = weights.get(name + ".bias", {outputs});
  const std::vector<float> s = weights.get(slope + ".weight", {outputs});
  const int places = kernel * kernel;
  for (int o = 0; o < outputs; ++o) {
    layer.bias.data()[o] = b[o];
    layer.slope.data()[o] = s[o];
    for (int i = 0; i < inputs; ++i)
      for (int k = 0; k < places; ++k)
        weight_at(layer, o, k, i) = w[(static_cast<std::size_t>(o) * inputs + i) * places + k];
  }
  return layer;
}

// A layer on the flattened maps of side x side: the networks were trained in MATLAB, whose features run down the
// columns.
MtcnnLayer dense_on_maps(const Weights& weights, const std::string& name, const std::string& slope, int side,
                         int channels, int outputs) {
  const int inputs = side * side * channels;
  MtcnnLayer layer = make_layer(1, inputs, inputs, outputs);
  const std::vector<float> w = weights.get(name + ".weight", {outputs, inputs});
  const std::vector<float> b = weights.get(name + ".bias", {outputs});
  const std::vector<float> s = weights.get(slope + ".weight", {outputs});
  for (int o = 0; o < outputs; ++o) {
    layer.bias.data()[o] = b[o];
    layer.slope.data()[o] = s[o];
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x)
        for (int c = 0; c < channels; ++c)
          weight_at(layer, o, 0, (y * side + x) * channels + c) =
              w[static_cast<std::size_t>(o) * inputs + (x * side + y) * channels + c];
  }
  return layer;
}

struct Head {
  std::string name;
  int outputs = 0;
};

// Several heads as one layer; their outputs follow one another.
MtcnnLayer heads_of(const Weights& weights, const std::vector<Head>& heads, int inputs) {
  MtcnnLayer layer = make_layer(1, inputs, inputs, channel_block);
  int at = 0;
  for (const Head& head : heads) {
    const std::vector<float> w = weights.get(head.name + ".weight", {head.outputs, inputs});
    const std::vector<float> b = weights.get(head.name + ".bias", {head.outputs});
    for (int o = 0; o < head.outputs; ++o, ++at) {
      layer.bias.data()[at] = b[o];
      for (int i = 0; i < inputs; ++i) weight_at(layer, at, 0, i) = w[static_cast<std::size_t>(o) * inputs + i];
    }
  }
  return layer;
}

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

int pooled_side(int side, int window) { return (side - window + 1) / 2 + 1; }

}  // namespace

// ---- P-Net

ProposalNetwork::ProposalNetwork(const Blobs& blobs, const MtcnnKernels& kernels)
    : kernels_(&kernels), score_weights_(32), shift_weights_(4 * 32) {
  const Weights weights("P-Net", blobs);
  first_ = convolution(weights, "conv1", "prelu1", 3, 3, 10);
  second_ = convolution(weights, "conv2", "prelu2", 3, 10, 16);
  third_ = convolution(weights, "conv3", "prelu3", 3, 16, 32);
  const std::vector<float> score = weights.get("conv4_1.weight", {2, 32, 1, 1});
  const std::vector<float> score_bias = weights.get("conv4_1.bias", {2});
  const std::vector<float> shift = weights.get("conv4_2.weight", {4, 32, 1, 1});
  const std::vector<float> shift_bias = weights.get("conv4_2.bias", {4});
  for (std::size_t c = 0; c < 32; ++c) score_weights_.data()[c] = score[32 + c] - score[c];
  score_bias_ = score_bias[1] - score_bias[0];
  std::copy(shift.begin(), shift.end(), shift_weights_.data());
  std::copy(shift_bias.begin(), shift_bias.end(), shift_bias_.begin());
}

void ProposalNetwork::scan(const PixelPart& photograph, int width, int height, float threshold, Buffers& buffers,
                           std::vector<ProposalCell>& cells) const {
  const int first_width = width - 2, first_height = height - 2;
  const int pooled_width = (first_width + 1) / 2, pooled_height = (first_height + 1) / 2;
  const int second_width = pooled_width - 2;
  const int third_width = second_width - 2;
  if (third_width < 1 || pooled_height < 5) return;

  const auto room = [](AlignedFloats& buffer, int pixels, int channels) {
    buffer.reserve(static_cast<std::size_t>(pixels + pixel_slack) * channels + channel_block);
  };
  buffers.scratch.resize(std::max(buffers.scratch.size(), static_cast<std::size_t>(photograph.width) * 7 + 16));
  for (AlignedFloats& row : buffers.input) room(row, width, 3);
  for (AlignedFloats& row : buffers.convolved) room(row, first_width, first_.outputs);
  for (AlignedFloats& row : buffers.pooled) room(row, pooled_width, first_.outputs);
  for (AlignedFloats& row : buffers.second) room(row, second_width, second_.outputs);
  room(buffers.third, third_width, third_.outputs);
  buffers.dots.resize(std::max(buffers.dots.size(), static_cast<std::size_t>(third_width)));

  // The probability is the softmax of two scores, so the sigmoid of their difference, which rises with it.
  const float least = threshold > 0 ? std::log(threshold / (1 - threshold)) - 1e-4F : -INFINITY;
  int next_input = 0;
  for (int p = 0; p < pooled_height; ++p) {
    const int rows = std::min(2, first_height - 2 * p);
    for (; next_input < std::min(height, 2 * p + 4); ++next_input)
      kernels_->area_row(photograph, width, height, next_input, buffers.scratch.data(),
                         buffers.input[next_input % 4].data());
    const float* convolved[2] = {buffers.convolved[0].data(), buffers.convolved[1].data()};
    for (int r = 0; r < rows; ++r) {
      const int y = 2 * p + r;
      const float* in[3] = {buffers.input[y % 4].data(), buffers.input[(y + 1) % 4].data(),
                            buffers.input[(y + 2) % 4].data()};
      kernels_->convolve(first_, in, first_width, buffers.convolved[r].data());
    }
    kernels_->pool(convolved, rows, 2, first_width, pooled_width, first_.outputs, buffers.pooled[p % 3].data());
    if (p < 2) continue;

    const float* pooled[3] = {buffers.pooled[(p - 2) % 3].data(), buffers.pooled[(p - 1) % 3].data(),
                              buffers.pooled[p % 3].data()};
    kernels_->convolve(second_, pooled, second_width, buffers.second[(p - 2) % 3].data());
    if (p < 4) continue;

    const int y = p - 4;
    const float* second[3] = {buffers.second[y % 3].data(), buffers.second[(y + 1) % 3].data(),
                              buffers.second[(y + 2) % 3].data()};
    float* third = buffers.third.data();
    kernels_->convolve(third_, second, third_width, third);
    kernels_->dot32(third, score_weights_.data(), score_bias_, third_width, buffers.dots.data());
    for (int x = 0; x < third_width; ++x) {
      if (buffers.dots[x] < least) continue;
      ProposalCell cell{x, y, sigmoid(buffers.dots[x]), {}};
      if (cell.probability < threshold) continue;
      for (std::size_t i = 0; i < 4; ++i)
        kernels_->dot32(third + std::size_t{32} * x, shift_weights_.data() + 32 * i, shift_bias_[i], 1, &cell.shift[i]);
      cells.push_back(cell);
    }
  }
}

// ---- R-Net and O-Net

CandidateNetwork::CandidateNetwork(Kind kind, const Blobs& blobs, const MtcnnKernels& kernels)
    : kind_(kind), kernels_(&kernels) {
  const bool refinement = kind == Kind::refinement;
  const Weights weights(refinement ? "R-Net" : "O-Net", blobs);
  int width = side();
  const auto add = [&](const char* number, int kernel, int inputs, int outputs, int pool_window) {
    Stage stage;
    stage.layer =
        convolution(weights, std::string("conv") + number, std::string("prelu") + number, kernel, inputs, outputs);
    stage.pool_window = pool_window;
    stage.width = width - kernel + 1;
    stage.pooled_width = pool_window > 0 ? pooled_side(stage.width, pool_window) : stage.width;
    width = stage.pooled_width;
    stages_.push_back(std::move(stage));
  };
  if (refinement) {
    add("1", 3, 3, 28, 3);
    add("2", 3, 28, 48, 3);
    add("3", 2, 48, 64, 0);
    hidden_ = dense_on_maps(weights, "dense4", "prelu4", width, 64, 128);
    heads_ = heads_of(weights, {{"dense5_1", 2}, {"dense5_2", 4}}, 128);
  } else {
    add("1", 3, 3, 32, 3);
    add("2", 3, 32, 64, 3);
    add("3", 3, 64, 64, 2);
    add("4", 2, 64, 128, 0);
    hidden_ = dense_on_maps(weights, "dense5", "prelu5", width, 128, 256);
    heads_ = heads_of(weights, {{"dense6_1", 2}, {"dense6_2", 4}, {"dense6_3", 10}}, 256);
  }
}

std::vector<FaceVerdict> CandidateNetwork::judge(const std::vector<PixelPart>& parts, Buffers& buffers) const {
  // So many at a time, that the weights of the dense layers are read seldom and features take little memory.
  constexpr std::size_t at_once = 48;
  std::vector<FaceVerdict> verdicts(parts.size());
  for (std::size_t begin = 0; begin < parts.size(); begin += at_once) {
    const std::size_t count = std::min(at_once, parts.size() - begin);
    judge_some({parts.data() + begin, count}, buffers, verdicts.data() + begin);
  }
  return verdicts;
}

void CandidateNetwork::judge_some(std::span<const PixelPart> parts, Buffers& buffers, FaceVerdict* verdicts) const {
  const std::size_t count = parts.size();
  const std::size_t feature_count = hidden_.inputs;
  buffers.features.reserve((count + pixel_slack) * feature_count);
  buffers.hidden.reserve((count + pixel_slack) * hidden_.outputs);
  buffers.heads.reserve((count + pixel_slack) * heads_.outputs);

  for (std::size_t n = 0; n < count; ++n) {
    const PixelPart& part = parts[n];
    buffers.scratch.resize(std::max(buffers.scratch.size(), static_cast<std::size_t>(part.width) * 7 + 16));
    int width = side();
    buffers.pooled.reserve(static_cast<std::size_t>(width * width + width + pixel_slack) * 64);
    for (int y = 0; y < width; ++y)
      kernels_->area_row(part, width, width, y, buffers.scratch.data(),
                         buffers.pooled.data() + static_cast<std::size_t>(y) * width * 3);
    for (const Stage& stage : stages_) {
      // The map as one long row: outputs that would wrap around its edge are computed too, and left out below.
      const MtcnnLayer& layer = stage.layer;
      const std::size_t channels = layer.outputs;
      const int pixels = (stage.width - 1) * width + stage.width;
      const float* rows[3];
      for (int k = 0; k < layer.kernel; ++k)
        rows[k] = buffers.pooled.data() + static_cast<std::size_t>(k) * width * layer.input_stride;
      buffers.maps.reserve(static_cast<std::size_t>(width * width + pixel_slack) * channels);
      kernels_->convolve(layer, rows, pixels, buffers.maps.data());

      const std::size_t row_floats = static_cast<std::size_t>(width) * channels;
      const int out_width = stage.pooled_width;
      const bool last = &stage == &stages_.back();
      float* out = last ? buffers.features.data() + n * feature_count : buffers.pooled.data();
      for (int y = 0; y < out_width; ++y, out += static_cast<std::size_t>(out_width) * channels) {
        if (stage.pool_window == 0) {
          std::copy_n(buffers.maps.data() + y * row_floats, out_width * channels, out);
          continue;
        }
        const float* window[3];
        const int window_rows = std::min(stage.pool_window, stage.width - 2 * y);
        for (int r = 0; r < window_rows; ++r) window[r] = buffers.maps.data() + (2 * y + r) * row_floats;
        kernels_->pool(window, window_rows, stage.pool_window, stage.width, out_width, layer.outputs, out);
      }
      width = out_width;
    }
  }

  const float* features = buffers.features.data();
  kernels_->convolve(hidden_, &features, static_cast<int>(count), buffers.hidden.data());
  const float* hidden = buffers.hidden.data();
  kernels_->convolve(heads_, &hidden, static_cast<int>(count), buffers.heads.data());
  for (std::size_t n = 0; n < count; ++n) {
    const float* head = buffers.heads.data() + n * heads_.outputs;
    verdicts[n].probability = sigmoid(head[1] - head[0]);
    std::copy_n(head + 2, 4, verdicts[n].shift.begin());
    if (kind_ == Kind::output) std::copy_n(head + 6, 10, verdicts[n].landmarks.begin());
  }
}

}  // namespace fergraph
