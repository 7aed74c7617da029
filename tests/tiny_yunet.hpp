// A network with the inputs and outputs of YuNet as OpenCV before 4.8 reads it, whose faces are coloured squares: no
// weights of others are needed to test all that lies around the network.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <opencv2/core/version.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fergraph::test {

/// Whether the OpenCV of this build reads such a network.
inline constexpr bool reads_tiny_yunet = CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR >= 5 && CV_VERSION_MINOR < 8;

/// The places of the five points of its faces about the middle of the square: eyes, nose, corners of the mouth, in
/// halves of the box's side.
inline constexpr std::array<float, 10> tiny_yunet_points = {-0.4F,   -0.25F,   0.375F, -0.25F,  0,
                                                            0.0625F, -0.3125F, 0.4F,   0.3125F, 0.4375F};

namespace onnx {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>(value | 128);
  return bytes + static_cast<char>(value);
}
// Fields of a protocol buffer: a number, and bytes (text, a nested message).
inline std::string field(std::uint64_t tag, std::int64_t value) {
  return varint(tag << 3) + varint(static_cast<std::uint64_t>(value));
}
inline std::string field(std::uint64_t tag, const std::string& bytes) {
  return varint(tag << 3 | 2) + varint(bytes.size()) + bytes;
}

inline std::string integers(const std::string& name, const std::vector<std::int64_t>& values) {
  std::string bytes = field(1, name);
  for (const std::int64_t value : values) bytes += field(8, value);
  return bytes + field(20, std::int64_t{7});
}
inline std::string integer(const std::string& name, std::int64_t value) {
  return field(1, name) + field(3, value) + field(20, std::int64_t{2});
}
inline std::string node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output,
                        const std::vector<std::string>& attributes) {
  std::string bytes;
  for (const std::string& input : inputs) bytes += field(1, input);
  bytes += field(2, output) + field(3, "node of " + output) + field(4, type);
  for (const std::string& attribute : attributes) bytes += field(5, attribute);
  return bytes;
}
template <class Number>
std::string tensor(const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<Number>& values) {
  std::string bytes;
  for (const std::int64_t size : shape) bytes += field(1, size);
  std::string raw(values.size() * sizeof(Number), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  return bytes + field(2, std::int64_t{sizeof(Number) == 4 ? 1 : 7}) + field(8, name) + field(9, raw);
}
inline std::string value(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::string sizes;
  for (const std::int64_t size : shape) sizes += field(1, field(1, size));
  return field(1, name) + field(2, field(1, field(1, std::int64_t{1}) + field(2, sizes)));
}

}  // namespace onnx

/// The bytes of the ONNX file. A square of 64 pixels on the grid of 64 gives a box of 128 about its middle, whose score
/// is the root of its redness (red less blue, of 255); a square of 32 on the grid of 32 one of 32 by its greenness.
inline std::string tiny_yunet() {
  using namespace onnx;
  struct Level {
    std::int64_t stride, boxes;
    float side;                    // of the first box
    std::array<float, 3> weights;  // of blue, green and red in its score
  };
  constexpr float one = 1.0F / 255;
  const std::array<Level, 4> levels = {
      {{8, 3, 10, {0, 0, 0}}, {16, 2, 32, {0, 0, 0}}, {32, 2, 64, {-one, one, -one}}, {64, 3, 128, {-one, -one, one}}}};
  struct Output {
    std::string name;
    std::int64_t numbers;
  };
  const std::array<Output, 3> outputs = {{{"loc", 14}, {"conf", 2}, {"iou", 1}}};
  std::string nodes, initial, results;
  for (const Level& level : levels)
    nodes += field(1, node("AveragePool", {"input"}, "mean" + std::to_string(level.stride),
                           {integers("kernel_shape", {level.stride, level.stride}),
                            integers("strides", {level.stride, level.stride})}));
  for (const Output& output : outputs) {
    std::vector<std::string> parts;
    for (const Level& level : levels) {
      const std::int64_t channels = level.boxes * output.numbers;
      std::vector<float> weights(static_cast<std::size_t>(channels) * 3), biases(static_cast<std::size_t>(channels));
      if (output.name == "conf") std::copy(level.weights.begin(), level.weights.end(), weights.begin() + 3);
      if (output.name == "iou") biases.assign(biases.size(), 1);
      // Offsets count in tenths of the box's side.
      if (output.name == "loc")
        for (std::size_t i = 0; i < 10; ++i) biases[4 + i] = tiny_yunet_points[i] * 5;
      const std::string name = output.name + std::to_string(level.stride);
      initial += field(5, tensor<float>(name + "w", {channels, 3, 1, 1}, weights)) +
                 field(5, tensor<float>(name + "b", {channels}, biases)) +
                 field(5, tensor<std::int64_t>(name + "s", {3}, {1, -1, output.numbers}));
      nodes += field(1, node("Conv", {"mean" + std::to_string(level.stride), name + "w", name + "b"}, name + "c",
                             {integers("kernel_shape", {1, 1})}));
      nodes += field(1, node("Transpose", {name + "c"}, name + "t", {integers("perm", {0, 2, 3, 1})}));
      nodes += field(1, node("Reshape", {name + "t", name + "s"}, name + "r", {}));
      parts.push_back(name + "r");
    }
    nodes += field(1, node("Concat", parts, output.name, {integer("axis", 1)}));
    results += field(12, value(output.name, {1, -1, output.numbers}));
  }
  const std::string graph =
      nodes + field(2, std::string("tiny")) + initial + field(11, value("input", {1, 3, 128, 128})) + results;
  return field(1, std::int64_t{6}) + field(8, field(2, std::int64_t{11})) + field(7, graph);
}

}  // namespace fergraph::test
