#include "report/model/prediction_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "report/lettering.hpp"

namespace fergraph {
namespace {

const cv::Scalar rim(20, 20, 22);
const cv::Scalar light(255, 255, 255);

constexpr int fraction_bits = 4;

// The outline of a rectangle with round corners, in sixteenths of a pixel.
std::vector<cv::Point> round_outline(const cv::Rect2d& box, double radius) {
  std::vector<cv::Point> points;
  const std::array<cv::Point2d, 4> centres = {cv::Point2d{box.x + box.width - radius, box.y + box.height - radius},
                                              {box.x + radius, box.y + box.height - radius},
                                              {box.x + radius, box.y + radius},
                                              {box.x + box.width - radius, box.y + radius}};
  constexpr int steps = 8;
  for (int corner = 0; corner < 4; ++corner)
    for (int i = 0; i <= steps; ++i) {
      const double angle = (corner + static_cast<double>(i) / steps) * CV_PI / 2;
      const cv::Point2d at =
          centres[static_cast<std::size_t>(corner)] + radius * cv::Point2d(std::cos(angle), std::sin(angle));
      points.emplace_back(cv::Point(static_cast<int>(std::lround(at.x * (1 << fraction_bits))),
                                    static_cast<int>(std::lround(at.y * (1 << fraction_bits)))));
    }
  return points;
}

void frame(cv::Mat& picture, const cv::Rect2d& box, double radius, int width, const cv::Scalar& colour) {
  const std::vector<std::vector<cv::Point>> outline = {round_outline(box, radius)};
  cv::polylines(picture, outline, true, colour, width, cv::LINE_AA, fraction_bits);
}

void ground(cv::Mat& picture, const cv::Rect2d& box, double radius, const cv::Scalar& colour) {
  const std::vector<std::vector<cv::Point>> outline = {round_outline(box, radius)};
  cv::fillPoly(picture, outline, colour, cv::LINE_AA, fraction_bits);
}

// Black on pale colours (relative luminance of ITU-R BT.709).
cv::Scalar ink_on(const cv::Scalar& colour) {
  return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2] > 150 ? rim : light;
}

std::string tag_of(const FacePrediction& face, const std::vector<std::string>& class_names) {
  const std::size_t best = face.best();
  std::array<char, 16> percent{};
  std::snprintf(percent.data(), percent.size(), " %.0f%%", 100 * face.probabilities[best]);
  return printable(class_names[best]) + percent.data();
}

// Places tags so that they neither leave the picture nor, as far as it goes, cover each other.
class Tags {
 public:
  Tags(cv::Size picture, std::vector<cv::Rect> faces) : picture_(picture), faces_(std::move(faces)) {}

  cv::Rect place(const cv::Rect& face, cv::Size tag, int gap) {
    const std::array<cv::Point, 4> wishes = {
        cv::Point(face.x, face.y - tag.height - gap), cv::Point(face.x + gap, face.y + gap),
        cv::Point(face.x, face.br().y + gap), cv::Point(face.x + gap, face.br().y - tag.height - gap)};
    cv::Rect best;
    double least = -1;
    for (const cv::Point& wish : wishes) {
      const cv::Rect there(std::clamp(wish.x, 0, std::max(0, picture_.width - tag.width)),
                           std::clamp(wish.y, 0, std::max(0, picture_.height - tag.height)), tag.width, tag.height);
      double covered = 0;
      for (const cv::Rect& other : taken_) covered += (other & there).area();
      for (const cv::Rect& other : faces_)
        if (other != face) covered += (other & there).area() / 4.0;
      // Moved far from where it was wished it would cover the face instead.
      covered += std::abs(there.y - wish.y) > gap ? tag.area() / 2.0 : 0;
      if (least < 0 || covered < least) {
        least = covered;
        best = there;
      }
    }
    taken_.push_back(best);
    return best;
  }

 private:
  cv::Size picture_;
  std::vector<cv::Rect> faces_;
  std::vector<cv::Rect> taken_;  // by tags
};

}  // namespace

void draw_predictions(cv::Mat& picture, std::span<const FacePrediction> faces,
                      const std::vector<std::string>& class_names) {
  const int side = std::min(picture.rows, picture.cols);
  const int width = std::clamp(static_cast<int>(std::lround(side / 220.0)), 1, 8);
  const cv::Rect whole({0, 0}, picture.size());
  std::vector<cv::Rect> boxes;
  for (const FacePrediction& face : faces)
    boxes.push_back(face.box ? cv::Rect(cv::Rect2f(face.box->x, face.box->y, face.box->width, face.box->height))
                             : whole);
  Tags tags(picture.size(), boxes);
  // Frames first: no frame runs through a tag.
  for (const FacePrediction& face : faces) {
    if (!face.box) continue;
    const cv::Rect2d box(face.box->x, face.box->y, face.box->width, face.box->height);
    const double radius = std::min(box.width, box.height) * 0.08;
    frame(picture, box, radius, width + std::max(2, width), rim);
    frame(picture, box, radius, width, class_colour(static_cast<std::int64_t>(face.best())));
  }
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const FacePrediction& face = faces[i];
    const cv::Rect& box = boxes[i];
    const std::string text = tag_of(face, class_names);
    // As tall as fits the face, and not wider than the picture.
    int height = std::clamp(std::min(box.width / 10, side / 22), 8, 40);
    while (height > 6 && Letters(height, 1.2).width(text) + height > picture.cols) --height;
    const Letters letters(height, 1.2);
    const int pad = std::max(2, height / 2);
    const std::string shown = letters.fitted(text, picture.cols - 2 * pad, /*keep_end=*/false);
    const cv::Size tag(letters.width(shown) + 2 * pad, height + 2 * pad);
    const cv::Rect at = face.box ? tags.place(box, tag, width + 2)
                                 : cv::Rect((picture.cols - tag.width) / 2, std::max(0, picture.rows - tag.height),
                                            tag.width, tag.height);
    const cv::Scalar colour = class_colour(static_cast<std::int64_t>(face.best()));
    const double radius = tag.height * 0.25;
    ground(picture, cv::Rect2d(at), radius, colour);
    frame(picture, cv::Rect2d(at), radius, 1, rim);
    letters.draw(picture, {at.x + pad, at.y + pad}, shown, ink_on(colour));
  }
}

void write_picture(const std::filesystem::path& file, const cv::Mat& picture) {
  cv::Mat bgr;
  cv::cvtColor(picture, bgr, cv::COLOR_RGB2BGR);
  bool written = false;
  try {
    written = cv::imwrite(file.string(), bgr, {cv::IMWRITE_JPEG_QUALITY, 95});
  } catch (const cv::Exception&) {
    throw std::runtime_error("'" + file.string() +
                             "' cannot be written as a picture. Give a name that ends in .jpg or .png.");
  }
  if (!written)
    throw std::runtime_error("'" + file.string() + "' could not be written. Check the folder and the free space.");
}

}  // namespace fergraph
