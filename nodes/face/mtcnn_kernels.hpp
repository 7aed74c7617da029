// The inner loops of the MTCNN cascade, vectorised by hand for AVX-512, AVX2 and what every compiler knows; which is
// used is decided when the program starts. Maps are float32 [y][x][channel] with the channels of a pixel padded to a
// multiple of 16 (the photograph's own three are not).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

namespace fergraph {

/// Zeros at an address that vector loads like. Grows, never shrinks; growing zeroes.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(std::size_t size) { reserve(size); }
  void reserve(std::size_t size);
  float* data() { return floats_.get(); }
  const float* data() const { return floats_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(float* floats) const { ::operator delete[](floats, std::align_val_t{64}); }
  };
  std::unique_ptr<float[], Free> floats_;
  std::size_t size_ = 0;
};

constexpr int channel_block = 16;
/// Kernels compute whole groups of pixels: they read and write this many pixels beyond the last.
constexpr int pixel_slack = 18;

inline int padded_channels(int channels) { return (channels + channel_block - 1) / channel_block * channel_block; }

/// A convolution without padding at stride 1, or a fully connected layer (kernel 1), followed by PReLU.
struct MtcnnLayer {
  int kernel = 1;
  int inputs = 0;         // channels that are read
  int input_stride = 0;   // floats from one input pixel to the next
  int outputs = 0;        // padded
  AlignedFloats weights;  // [outputs/16][ky][kx][input][16]
  AlignedFloats bias;     // [outputs]
  AlignedFloats slope;    // [outputs]; 1 where there is no PReLU
};

/// A part of an RGB photograph, uint8 [height][width][3].
struct PixelPart {
  const std::uint8_t* pixels = nullptr;
  std::size_t row_bytes = 0;
  int width = 0, height = 0;
};

struct MtcnnKernels {
  const char* name;
  /// `pixels` outputs of one row; rows[ky] is the input pixel under the first output's upper left corner, in row ky.
  /// Writes out[pixel][outputs].
  void (*convolve)(const MtcnnLayer& layer, const float* const* rows, int pixels, float* out);
  /// out[x] = max over the window [2x, 2x + window) of `count` rows, cut at `width`; `channels` is padded.
  void (*pool)(const float* const* rows, int count, int window, int width, int out_width, int channels, float* out);
  /// dots[x] = bias + sum over 32 channels of map[x][c] * weights[c].
  void (*dot32)(const float* map, const float* weights, float bias, int pixels, float* dots);
  /// Row `y` of the part resized to out_width x out_height by averages over the pixels that each output touches (as
  /// adaptive average pooling: whole pixels from floor to ceil), mapped from 0..255 to -1..1: out[out_width][3] and one
  /// float beyond. `scratch` has 4 * width + 3 * width + 16 words.
  void (*area_row)(const PixelPart& part, int out_width, int out_height, int y, std::uint32_t* scratch, float* out);
};

/// Those that this machine can run, the fastest first; the last is portable.
std::span<const MtcnnKernels* const> mtcnn_kernels();

}  // namespace fergraph
