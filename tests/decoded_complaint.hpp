// What must hold of whatever was decoded, however damaged the file was.
#pragma once

#include <string>

#include "nodes/face/decode.hpp"

namespace fergraph::test {

/// What of it is not as nodes/face/decode.hpp says; empty when all is well.
inline std::string complaint(const Decoded& decoded, const DecodeLimits& limits) {
  const cv::Mat& pixels = decoded.pixels;
  if (!decoded) return pixels.empty() ? "" : "there are pixels and a reason";
  if (pixels.empty() || pixels.type() != CV_8UC3) return "the pixels are not uint8 [H,W,3]";
  if (static_cast<std::int64_t>(pixels.total()) > limits.max_pixels) return "there are more pixels than the limit";
  const ImageWindow& window = decoded.window;
  if (window.is_whole()) return window.x == 0 && window.y == 0 && window.step == 1 ? "" : "the window is not whole";
  if (window.step != 1 && window.step != 2 && window.step != 4 && window.step != 8) return "the step is none";
  // A window may hang over an edge by less than one step, where the photograph's side is no multiple of it.
  if (window.x <= -window.step || window.y <= -window.step ||
      window.x + pixels.cols * window.step >= window.photograph_width + window.step ||
      window.y + pixels.rows * window.step >= window.photograph_height + window.step)
    return "the window lies outside the photograph";
  return "";
}

}  // namespace fergraph::test
