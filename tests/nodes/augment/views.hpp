// Views made in tests: operations from the text of a file, and a picture that is no two pixels alike.
#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "graph/random.hpp"
#include "nodes/augment/operation.hpp"

namespace fergraph::test {

inline std::vector<ViewOperation> operations(const std::string& text) {
  return Codec<std::vector<ViewOperation>>::parse(parse_yaml("ops: " + text, "views.yaml").members.front().value,
                                                  nullptr);
}

inline cv::Mat picture(int width, int height, std::uint64_t seed = 1) {
  Random random(seed, 8, 0);
  cv::Mat made(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y)
    for (int i = 0; i < 3 * width; ++i)
      made.ptr(y)[i] = static_cast<std::uint8_t>((7 * i + 5 * y) / 4 % 200 + random.below(50));
  return made;
}

/// The view of the picture at a position of the stream.
inline cv::Mat view(const std::vector<ViewOperation>& all, const cv::Mat& source, std::uint64_t position = 0) {
  Random random(3, name_hash("streams.s.view"), position);
  Canvas canvas(source);
  for (const ViewOperation& each : all)
    if (random.chance(each.operation->probability)) each.operation->apply(canvas, random);
  return canvas.finish();
}
inline cv::Mat view(const std::string& text, const cv::Mat& source, std::uint64_t position = 0) {
  return view(operations(text), source, position);
}

inline bool same_pixels(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

}  // namespace fergraph::test
