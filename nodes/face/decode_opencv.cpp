// Decodes TIFF with OpenCV, once its header has been found whole and within the limits.
#include "nodes/face/decode_formats.hpp"

#include <algorithm>
#include <limits>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <string>
#include <utility>

namespace fergraph::formats {
namespace {

// The numbers of a TIFF's first directory that decide how much memory its decoding takes; 0 where there is none.
struct TiffSizes {
  std::int64_t width = 0, height = 0, rows_per_strip = 0, tile_width = 0, tile_height = 0;

  std::int64_t* of_tag(std::uint32_t tag) {
    switch (tag) {
      case 256:
        return &width;
      case 257:
        return &height;
      case 278:
        return &rows_per_strip;
      case 322:
        return &tile_width;
      case 323:
        return &tile_height;
      default:
        return nullptr;
    }
  }
};

// None where libtiff could understand the directory otherwise: a number that is given twice, or is no number of 16 or
// 32 bits that stands in the directory itself.
std::optional<TiffSizes> tiff_sizes(Bytes bytes) {
  HeaderReader header{bytes, bytes[0] == 'M'};
  const std::size_t directory = header.u32(4);
  const std::uint32_t entries = header.u16(directory);
  TiffSizes sizes;
  for (std::uint32_t i = 0; i < entries && !header.ended; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    std::int64_t* size = sizes.of_tag(header.u16(entry));
    if (!size) continue;
    constexpr std::uint32_t of_16_bits = 3, of_32_bits = 4;
    const std::uint32_t type = header.u16(entry + 2), count = header.u32(entry + 4);
    if (*size != 0 || count != 1 || (type != of_16_bits && type != of_32_bits)) return std::nullopt;
    *size = type == of_16_bits ? header.u16(entry + 8) : header.u32(entry + 8);
    if (*size == 0) return std::nullopt;
  }
  if (header.ended || sizes.width == 0 || sizes.height == 0) return std::nullopt;
  return sizes;
}

Decoded decode_with_opencv(Bytes bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return failed("The TIFF has more than 2 GiB, which OpenCV cannot decode; convert it to JPEG.");
  static const bool silenced = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    return true;
  }();
  (void)silenced;
  const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<std::uint8_t*>(bytes.data()));
  cv::Mat pixels = cv::imdecode(encoded, cv::IMREAD_COLOR);
  if (pixels.empty() || pixels.type() != CV_8UC3) return failed("The TIFF is truncated or damaged.");
  for (int y = 0; y < pixels.rows; ++y) {
    std::uint8_t* row = pixels.ptr(y);
    for (int x = 0; x < pixels.cols; ++x) std::swap(row[3 * x], row[3 * x + 2]);
  }
  return {pixels, {}, {}};
}

}  // namespace

Decoded decode_tiff(Bytes bytes, const DecodeLimits& limits) {
  const std::optional<TiffSizes> sizes = tiff_sizes(bytes);
  if (!sizes) return failed("The TIFF is truncated or damaged (its header is not whole).");
  if (std::string reason = check_size(sizes->width, sizes->height, limits); !reason.empty())
    return failed(std::move(reason));
  // OpenCV takes memory for a whole strip or tile, up to a gibibyte, whatever the picture's size. Those of small
  // pictures may be larger than these.
  DecodeLimits of_pieces = limits;
  of_pieces.max_pixels = std::max(limits.max_pixels, std::int64_t{1} << 20);
  const bool has_tiles = sizes->tile_width != 0 || sizes->tile_height != 0;
  if (has_tiles && !check_size(sizes->tile_width, sizes->tile_height, of_pieces).empty())
    return failed("The TIFF is damaged (its tiles have " + std::to_string(sizes->tile_width) + "x" +
                  std::to_string(sizes->tile_height) + " pixels).");
  // More rows than these mean all rows, to the format (2^32 - 1) as well as to OpenCV.
  constexpr std::int64_t most_rows = 1 << 24;
  if (sizes->rows_per_strip <= most_rows && sizes->width * sizes->rows_per_strip > of_pieces.max_pixels)
    return failed("The TIFF is damaged (its strips have " + std::to_string(sizes->width) + "x" +
                  std::to_string(sizes->rows_per_strip) + " pixels).");
  return decode_with_opencv(bytes);
}

}  // namespace fergraph::formats
