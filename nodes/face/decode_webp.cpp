// Decodes WebP with libwebp. Not with OpenCV: what its own decoder refuses it hands on to the others that it was built
// with, Debian's to GDCM and GDAL, which take some damaged pictures for medical or geographical files of theirs.
#include "nodes/face/decode_formats.hpp"

#include <string>
#include <utility>

#include <webp/decode.h>

namespace fergraph::formats {

Decoded decode_webp(Bytes bytes, const DecodeLimits& limits) {
  HeaderReader header{bytes};
  WebPBitstreamFeatures features;
  // A file that is shorter than its RIFF header says is not whole.
  if (header.u32(4) > bytes.size() - 8 || WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK)
    return failed("The WebP is truncated or damaged (its header is not whole).");
  if (std::string reason = check_size(features.width, features.height, limits); !reason.empty())
    return failed(std::move(reason));
  if (features.has_animation != 0)
    return failed("The WebP is an animation, which is not supported; convert one of its pictures to PNG.");
  cv::Mat pixels(features.height, features.width, CV_8UC3);
  if (!WebPDecodeRGBInto(bytes.data(), bytes.size(), pixels.data, pixels.total() * pixels.elemSize(),
                         static_cast<int>(pixels.step)))
    return failed("The WebP is truncated or damaged.");
  return {pixels, {}, {}};
}

}  // namespace fergraph::formats
