// Decodes TIFF and WebP with OpenCV, once their headers have been found whole and within the limits.
#include "nodes/face/decode_formats.hpp"

#include <limits>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <string>
#include <utility>

namespace fergraph::formats {
namespace {

// Width and height of the first picture of a TIFF file.
std::optional<std::pair<std::int64_t, std::int64_t>> tiff_size(Bytes bytes) {
  HeaderReader header{bytes, bytes[0] == 'M'};
  const std::size_t directory = header.u32(4);
  const std::uint32_t entries = header.u16(directory);
  std::int64_t width = 0, height = 0;
  for (std::uint32_t i = 0; i < entries && !header.ended; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    const std::uint32_t tag = header.u16(entry), type = header.u16(entry + 2);
    if (tag != 256 && tag != 257) continue;
    (tag == 256 ? width : height) = type == 3 ? header.u16(entry + 8) : header.u32(entry + 8);
  }
  if (header.ended || width == 0 || height == 0) return std::nullopt;
  return std::pair{width, height};
}

std::optional<std::pair<std::int64_t, std::int64_t>> webp_size(Bytes bytes) {
  HeaderReader header{bytes};
  // A file that is shorter than its RIFF header says is not whole.
  if (header.u32(4) > bytes.size() - 8) return std::nullopt;
  std::int64_t width = 0, height = 0;
  if (begins_with(bytes, "VP8X", 12)) {
    width = header.number(24, 3) + std::int64_t{1};
    height = header.number(27, 3) + std::int64_t{1};
  } else if (begins_with(bytes, "VP8L", 12)) {
    const std::uint32_t sizes = header.u32(21);
    width = (sizes & 0x3FFF) + 1;
    height = (sizes >> 14 & 0x3FFF) + 1;
  } else if (begins_with(bytes, "VP8 ", 12)) {
    width = header.u16(26) & 0x3FFF;
    height = header.u16(28) & 0x3FFF;
  }
  if (header.ended || width == 0 || height == 0) return std::nullopt;
  return std::pair{width, height};
}

Decoded decode_with_opencv(Bytes bytes, const std::string& format,
                           const std::optional<std::pair<std::int64_t, std::int64_t>>& size,
                           const DecodeLimits& limits) {
  if (!size) return failed("The " + format + " is truncated or damaged (its header is not whole).");
  if (std::string reason = check_size(size->first, size->second, limits); !reason.empty())
    return failed(std::move(reason));
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return failed("The " + format + " has more than 2 GiB, which OpenCV cannot decode; convert it to JPEG.");
  }
  static const bool silenced = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    return true;
  }();
  (void)silenced;
  const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<std::uint8_t*>(bytes.data()));
  cv::Mat pixels = cv::imdecode(encoded, cv::IMREAD_COLOR);
  if (pixels.empty() || pixels.type() != CV_8UC3) return failed("The " + format + " is truncated or damaged.");
  for (int y = 0; y < pixels.rows; ++y) {
    std::uint8_t* row = pixels.ptr(y);
    for (int x = 0; x < pixels.cols; ++x) std::swap(row[3 * x], row[3 * x + 2]);
  }
  return {pixels, {}, {}};
}

}  // namespace

Decoded decode_tiff(Bytes bytes, const DecodeLimits& limits) {
  return decode_with_opencv(bytes, "TIFF", tiff_size(bytes), limits);
}

Decoded decode_webp(Bytes bytes, const DecodeLimits& limits) {
  return decode_with_opencv(bytes, "WebP", webp_size(bytes), limits);
}

}  // namespace fergraph::formats
