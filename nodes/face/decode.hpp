// Turns the bytes of a photograph into pixels, or into a sentence that says why not: whatever the file holds, nothing
// is thrown, nothing crashes, and a photograph that is not whole is not passed on as if it were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>

#include "nodes/face/region.hpp"
#include "nodes/image_window.hpp"

namespace fergraph {

struct DecodeLimits {
  /// Largest file that is read.
  std::uintmax_t max_bytes = std::uintmax_t{64} << 20;
  /// Largest width * height that is decoded; compared with the header before any pixel is.
  std::int64_t max_pixels = 100'000'000;
};

struct Decoded {
  /// uint8 [H,W,3], RGB, upright; empty where reason is not.
  cv::Mat pixels;
  /// Where they lie in the photograph; whole where no region was asked for.
  ImageWindow window;
  /// Why there are no pixels: a sentence without the path, which travels with the sample. Empty when all is well.
  std::string reason;
  explicit operator bool() const { return reason.empty(); }
};

/// What of a photograph is wanted.
struct DecodeRegion {
  std::optional<FaceRegion> face;  ///< all of it where there is none
  bool may_shrink = true;
};

/// Decodes JPEG, PNG, BMP, PNM (P5, P6), TIFF or WebP, told apart by their first bytes and not by the file's name.
///
/// Grey becomes RGB with equal channels, alpha is dropped, 16 bits become the upper 8, CMYK becomes RGB without a
/// colour profile. An EXIF orientation (JPEG, PNG) is applied. JPEG is decoded with libjpeg's accurate integer DCT and
/// smooth upsampling; the pixels equal those of cv::imdecode.
///
/// Reasons: no such file, a folder, not readable, empty, over a limit, no image or another format, a damaged header,
/// and data that ends early or is damaged. A JPEG counts as whole only up to its end marker; harmless warnings of
/// libjpeg (stray bytes between markers, ...) are passed over. Safe to call from many threads.
///
/// With a region only its window is given: the rows and columns that the face needs, and, where `may_shrink` is set, at
/// the region's step. Of a JPEG only these are decoded, the shrinking is done by the smaller inverse DCTs of libjpeg,
/// and of the data behind the last row only the end marker is looked for; with a step of 1 the pixels are those of the
/// whole photograph. Other formats are decoded and then cut, at a step of 1. A region wholly outside is a reason.
/// TIFF is left to cv::imdecode; the first of them sets OpenCV's log level to silent for the process. A
/// damaged TIFF may still leave a line of OpenCV's on stderr; nothing else does.
Decoded decode_file(const std::filesystem::path& file, const DecodeLimits& limits = {},
                    const DecodeRegion& region = {});
Decoded decode_bytes(std::span<const std::uint8_t> bytes, const DecodeLimits& limits = {},
                     const DecodeRegion& region = {});

/// The EXIF orientation (1 to 8, EXIF 2.3 section 4.6.4) of a TIFF structure as EXIF holds it, without the "Exif\0\0"
/// before it; 1 where there is none or it is damaged.
int exif_orientation(std::span<const std::uint8_t> tiff);

/// A part of the picture as it is meant to be seen, in the stored one of `stored` pixels, and back.
cv::Rect stored_part(const cv::Rect& upright, cv::Size stored, int orientation);
cv::Rect upright_part(const cv::Rect& part, cv::Size stored, int orientation);

/// The picture as it is meant to be seen, from the stored pixels and their EXIF orientation.
cv::Mat upright(const cv::Mat& pixels, int orientation);

}  // namespace fergraph
