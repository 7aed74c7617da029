// Letters and colours of what this program draws: contact sheets, predictions on photographs.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>

namespace fergraph {

/// The colour of a class, RGB; grey where it is unknown (-1). Classes beyond twelve begin anew.
cv::Scalar class_colour(std::int64_t label);

/// One question mark for each letter that OpenCV's fonts do not have.
std::string printable(const std::string& text);

/// Letters of a given height in pixels, drawn at four times the size and averaged: OpenCV's own at this size are
/// ragged.
class Letters {
 public:
  explicit Letters(int height, double weight = 1);

  int height() const { return height_; }
  int width(const std::string& text) const;
  /// With its upper left corner here; the letters' tails reach below the height. What is beyond the page is left out.
  void draw(cv::Mat& page, cv::Point at, const std::string& text, const cv::Scalar& colour) const;
  /// The text or as much of it as there is room for: its end, or its beginning.
  std::string fitted(const std::string& text, int room, bool keep_end) const;

 private:
  int height_;
  double scale_ = 1;
  int thickness_ = 1;
};

}  // namespace fergraph
