// What detectors look at.
#pragma once

#include <stdexcept>

#include "nodes/values.hpp"

namespace fergraph {

/// The pixels of a photograph that was decoded whole. Throws std::invalid_argument for a part of one: what was found
/// there would be no place in the photograph.
inline const cv::Mat& whole_photograph(const Image& image) {
  if (!image.window.is_whole())
    throw std::invalid_argument("Faces are looked for in whole photographs: leave out 'region' of the node decode.");
  return image.pixels;
}

}  // namespace fergraph
