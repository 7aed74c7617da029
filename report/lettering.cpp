#include "report/lettering.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fergraph {
namespace {

constexpr int font = cv::FONT_HERSHEY_SIMPLEX;
constexpr int finer = 4;

const cv::Scalar unknown_colour(160, 163, 168);

// Apart in hue and of like weight on white (Okabe and Ito's palette, darkened where it is pale, and four more).
const std::array<cv::Scalar, 12> class_colours = {
    cv::Scalar(0, 114, 178), cv::Scalar(213, 94, 0),   cv::Scalar(0, 158, 115),  cv::Scalar(204, 121, 167),
    cv::Scalar(230, 159, 0), cv::Scalar(86, 180, 233), cv::Scalar(148, 103, 60), cv::Scalar(106, 61, 154),
    cv::Scalar(178, 34, 52), cv::Scalar(120, 150, 40), cv::Scalar(70, 90, 110),  cv::Scalar(230, 110, 130)};

}  // namespace

cv::Scalar class_colour(std::int64_t label) {
  return label < 0 ? unknown_colour : class_colours[static_cast<std::size_t>(label) % class_colours.size()];
}

std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xC0) continue;  // the rest of a letter in UTF-8
    out += byte >= 32 && byte < 127 ? c : '?';
  }
  return out;
}

Letters::Letters(int height, double weight) : height_(height) {
  int baseline = 0;
  const cv::Size one = cv::getTextSize("H", font, 1, 1, &baseline);
  scale_ = static_cast<double>(height) * finer / one.height;
  thickness_ = std::max(1, static_cast<int>(std::lround(weight * height * finer / 9.0)));
}

int Letters::width(const std::string& text) const {
  int baseline = 0;
  return (cv::getTextSize(text, font, scale_, thickness_, &baseline).width + finer - 1) / finer;
}

void Letters::draw(cv::Mat& page, cv::Point at, const std::string& text, const cv::Scalar& colour) const {
  const int margin = 2;
  const cv::Size size(width(text) + 2 * margin, height_ + height_ / 2 + 2 * margin);
  cv::Mat fine = cv::Mat::zeros(size * finer, CV_8U);
  cv::putText(fine, text, {margin * finer, (margin + height_) * finer}, font, scale_, 255, thickness_, cv::LINE_AA);
  cv::Mat mask;
  cv::resize(fine, mask, size, 0, 0, cv::INTER_AREA);
  const cv::Rect wanted(at.x - margin, at.y - margin, size.width, size.height);
  const cv::Rect there = wanted & cv::Rect({0, 0}, page.size());
  for (int y = there.y; y < there.br().y; ++y)
    for (int x = there.x; x < there.br().x; ++x) {
      const double part = mask.at<std::uint8_t>(y - wanted.y, x - wanted.x) / 255.0;
      auto& pixel = page.at<cv::Vec3b>(y, x);
      for (int c = 0; c < 3; ++c) pixel[c] = cv::saturate_cast<std::uint8_t>(pixel[c] + part * (colour[c] - pixel[c]));
    }
}

std::string Letters::fitted(const std::string& text, int room, bool keep_end) const {
  if (width(text) <= room) return text;
  for (std::size_t length = text.size(); length-- > 1;) {
    std::string part = keep_end ? ".." + text.substr(text.size() - length) : text.substr(0, length) + "..";
    if (width(part) <= room) return part;
  }
  return {};
}

}  // namespace fergraph
