// Pictures that a table itself holds instead of naming a file.
#pragma once

#include <opencv2/core.hpp>

#include "nodes/face/photograph.hpp"

namespace fergraph {

/// uint8 [H,W,3], RGB (grey with equal channels), with memory of its own; empty where the photograph is a file.
cv::Mat inline_picture(const Photograph& photo);

}  // namespace fergraph
