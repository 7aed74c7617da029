// Decodes BMP and PNM, which are not compressed: all sizes are checked against the file before a pixel is read.
#include "nodes/face/decode_formats.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

namespace fergraph::formats {
namespace {

// One channel of a pixel, 0 to 255, cut out with its mask.
std::uint8_t masked(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  while ((mask & 1) == 0) {
    mask >>= 1;
    pixel >>= 1;
  }
  return static_cast<std::uint8_t>(std::uint64_t{pixel & mask} * 255 / mask);
}

}  // namespace

Decoded decode_bmp(Bytes bytes, const DecodeLimits& limits) {
  HeaderReader header{bytes};
  const std::size_t data = header.u32(10);
  const std::size_t header_size = header.u32(14);
  const bool core = header_size == 12;  // OS/2's
  if (!header.ended && !core && (header_size < 40 || header_size > 1024)) {
    return failed("The BMP is damaged (its header has " + std::to_string(header_size) + " bytes).");
  }
  std::int64_t width = core ? header.u16(18) : static_cast<std::int32_t>(header.u32(18));
  std::int64_t height = core ? header.u16(20) : static_cast<std::int32_t>(header.u32(22));
  const std::uint32_t bits = header.u16(core ? 24 : 28);
  const std::uint32_t compression = core ? 0 : header.u32(30);
  std::uint32_t colours = core ? 0 : header.u32(46);
  if (header.ended) return failed("The BMP is truncated (its header is not whole).");
  const bool top_down = height < 0;
  if (top_down) height = -height;
  if (std::string reason = check_size(width, height, limits); !reason.empty()) return failed(std::move(reason));

  constexpr std::uint32_t plain = 0, bit_fields = 3;
  const bool fields = compression == bit_fields && (bits == 16 || bits == 32);
  if (!fields &&
      (compression != plain || (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32))) {
    return failed("The BMP has " + std::to_string(bits) + " bits per pixel and compression " +
                  std::to_string(compression) + ", which is not supported; convert it to PNG.");
  }
  std::array<std::uint32_t, 3> masks = {0xFF0000, 0xFF00, 0xFF};
  if (bits == 16) masks = {0x7C00, 0x3E0, 0x1F};
  if (fields) masks = {header.u32(54), header.u32(58), header.u32(62)};
  std::vector<std::array<std::uint8_t, 3>> palette;
  if (bits <= 8) {
    if (colours == 0 || colours > (1u << bits)) colours = 1u << bits;
    const std::size_t entry_size = core ? 3 : 4;
    palette.resize(1u << bits);  // colours that the file does not name are black
    for (std::uint32_t i = 0; i < colours; ++i) {
      const std::size_t at = 14 + header_size + i * entry_size;
      if (at + entry_size > data) break;
      palette[i] = {static_cast<std::uint8_t>(header.number(at + 2, 1)),
                    static_cast<std::uint8_t>(header.number(at + 1, 1)),
                    static_cast<std::uint8_t>(header.number(at, 1))};
    }
  }
  const std::size_t stride = (static_cast<std::size_t>(width) * bits + 31) / 32 * 4;
  if (header.ended || data < 14 + header_size || data > bytes.size() ||
      (bytes.size() - data) / stride < static_cast<std::size_t>(height)) {
    // The padding after the last row may be missing.
    const std::size_t needed =
        stride * static_cast<std::size_t>(height - 1) + (static_cast<std::size_t>(width) * bits + 7) / 8;
    if (header.ended || data < 14 + header_size || data > bytes.size() || bytes.size() - data < needed) {
      return failed("The BMP is truncated or damaged (its pixels do not fit into the file).");
    }
  }
  cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC3);
  for (std::int64_t y = 0; y < height; ++y) {
    const std::uint8_t* in = bytes.data() + data + stride * static_cast<std::size_t>(y);
    std::uint8_t* out = pixels.ptr(static_cast<int>(top_down ? y : height - 1 - y));
    for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x, out += 3) {
      if (bits <= 8) {
        const std::size_t bit = x * bits;
        const auto colour = palette[static_cast<std::size_t>(in[bit / 8] >> (8 - bits - bit % 8)) & ((1u << bits) - 1)];
        std::copy(colour.begin(), colour.end(), out);
      } else if (!fields && bits >= 24) {
        const std::uint8_t* pixel = in + x * (bits / 8);
        out[0] = pixel[2];
        out[1] = pixel[1];
        out[2] = pixel[0];
      } else {
        std::uint32_t pixel = 0;
        for (std::size_t i = bits / 8; i-- > 0;) pixel = pixel << 8 | in[x * (bits / 8) + i];
        for (std::size_t i = 0; i < 3; ++i) out[i] = masked(pixel, masks[i]);
      }
    }
  }
  return {pixels, {}, {}};
}

Decoded decode_pnm(Bytes bytes, const DecodeLimits& limits) {
  const int channels = bytes[1] == '6' ? 3 : 1;
  std::size_t at = 2;
  std::array<std::int64_t, 3> numbers{};  // width, height, the largest value
  for (std::int64_t& number : numbers) {
    while (at < bytes.size() && (std::isspace(bytes[at]) != 0 || bytes[at] == '#')) {
      if (bytes[at] == '#') {
        while (at < bytes.size() && bytes[at] != '\n') ++at;
      } else {
        ++at;
      }
    }
    const std::size_t first = at;
    while (at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9' && at - first < 9) {
      number = number * 10 + (bytes[at++] - '0');
    }
    if (at == first) return failed("The PNM is damaged (its header is not three numbers).");
  }
  ++at;  // the one space before the pixels
  if (std::string reason = check_size(numbers[0], numbers[1], limits); !reason.empty())
    return failed(std::move(reason));
  if (numbers[2] < 1 || numbers[2] > 65535)
    return failed("The PNM is damaged (its largest value is no 16-bit number).");
  const std::size_t width = static_cast<std::size_t>(numbers[0]), height = static_cast<std::size_t>(numbers[1]);
  const std::size_t sample_size = numbers[2] > 255 ? 2 : 1;
  const std::size_t row = width * static_cast<std::size_t>(channels) * sample_size;
  if (at > bytes.size() || (bytes.size() - at) / row < height) {
    return failed("The PNM is truncated (its pixels do not fit into the file).");
  }
  cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC3);
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* in = bytes.data() + at + y * row;
    std::uint8_t* out = pixels.ptr(static_cast<int>(y));
    for (std::size_t x = 0; x < width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t i = (x * static_cast<std::size_t>(channels) + (channels == 3 ? c : 0)) * sample_size;
        const std::int64_t value = sample_size == 2 ? in[i] << 8 | in[i + 1] : in[i];
        out[3 * x + c] = static_cast<std::uint8_t>(std::min(value, numbers[2]) * 255 / numbers[2]);
      }
    }
  }
  return {pixels, {}, {}};
}

}  // namespace fergraph::formats
