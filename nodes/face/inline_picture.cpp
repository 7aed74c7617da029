#include "nodes/face/inline_picture.hpp"

#include <opencv2/imgproc.hpp>

namespace fergraph {

cv::Mat inline_picture(const Photograph& photo) {
  const std::int64_t index = photo.sample().inline_picture;
  if (index < 0) return {};
  const InlinePictures& pictures = photo.table->pixels;
  // OpenCV has no read-only pictures; this one is only copied from.
  const cv::Mat stored(pictures.height, pictures.width, pictures.channels == 1 ? CV_8UC1 : CV_8UC3,
                       const_cast<std::uint8_t*>(pictures.picture(index).data()));
  if (pictures.channels != 1) return stored.clone();
  cv::Mat colour;
  cv::cvtColor(stored, colour, cv::COLOR_GRAY2RGB);
  return colour;
}

}  // namespace fergraph
