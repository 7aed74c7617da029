#include "nodes/face/yunet.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/core/version.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <stdexcept>
#include <utility>

namespace fergraph {
namespace {

// The network halves the picture six times; of a smaller one nothing would be left.
constexpr int smallest_side = 64;

constexpr bool reads_new_models = CV_VERSION_MAJOR > 4 || (CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR >= 8);

void look(cv::FaceDetectorYN& detector, const cv::Mat& bgr, cv::Mat& rows) {
  if (detector.getInputSize() != bgr.size()) detector.setInputSize(bgr.size());
  detector.detect(bgr, rows);
}

}  // namespace

std::string yunet_model_name() {
  return reads_new_models ? "face_detection_yunet_2023mar.onnx" : "face_detection_yunet_2022mar.onnx";
}

std::vector<FoundFace> faces_of_yunet(const cv::Mat& rows, double x_scale, double y_scale) {
  std::vector<FoundFace> faces;
  for (int i = 0; i < rows.rows; ++i) {
    const float* row = rows.ptr<float>(i);
    if (!std::all_of(row, row + 15, [](float value) { return std::isfinite(value); })) continue;
    const auto scaled = [](float value, double scale) { return static_cast<float>(value * scale); };
    FoundFace face;
    face.box = {scaled(row[0], x_scale), scaled(row[1], y_scale), scaled(row[2], x_scale), scaled(row[3], y_scale),
                row[14]};
    Landmarks landmarks{};
    // Points are counted from the centre of the first pixel, boxes from its corner.
    for (std::size_t k = 0; k < 10; ++k)
      landmarks[k] = static_cast<float>((double{row[4 + k]} + 0.5) * (k % 2 == 0 ? x_scale : y_scale) - 0.5);
    face.landmarks = landmarks;
    faces.push_back(face);
  }
  return faces;
}

YunetDetector::YunetDetector(YunetParams params) : params_(std::move(params)) {
  YunetParams::scores.require("score_threshold", params_.score_threshold);
  YunetParams::overlaps.require("nms_threshold", params_.nms_threshold);
  YunetParams::counts.require("top_k", params_.top_k);
  YunetParams::sides.require("max_side", params_.max_side);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(params_.model, ignored))
    throw std::runtime_error("There is no YuNet model '" + params_.model.string() + "'. Get " + yunet_model_name() +
                             " of the OpenCV Zoo and name it in 'model'.");
  try {
    // A foreign network is found out by what it gives.
    const cv::Ptr<cv::FaceDetectorYN> detector = open();
    cv::Mat rows;
    look(*detector, cv::Mat::zeros(2 * smallest_side, 2 * smallest_side, CV_8UC3), rows);
    if (!rows.empty() && (rows.type() != CV_32F || rows.cols != 15))
      throw std::runtime_error("'" + params_.model.string() + "' gives no boxes with five points.");
    idle_.push_back(detector);
  } catch (const cv::Exception& error) {
    throw std::runtime_error("'" + params_.model.string() +
                             "' is no YuNet model that OpenCV " CV_VERSION
                             " can run. OpenCV before 4.8 reads face_detection_yunet_2022mar.onnx of the OpenCV Zoo, "
                             "4.8 and later read face_detection_yunet_2023mar.onnx. OpenCV says: " +
                             error.err);
  }
}

YunetDetector::~YunetDetector() = default;

cv::Ptr<cv::FaceDetectorYN> YunetDetector::open() const {
  return cv::FaceDetectorYN::create(params_.model.string(), "", cv::Size(2 * smallest_side, 2 * smallest_side),
                                    static_cast<float>(params_.score_threshold),
                                    static_cast<float>(params_.nms_threshold), params_.top_k);
}

std::vector<FoundFace> YunetDetector::detect(const cv::Mat& photograph) const {
  if (photograph.empty() || (photograph.type() != CV_8UC3 && photograph.type() != CV_8UC1))
    throw std::invalid_argument("Faces are looked for in pictures of type uint8 [H,W,3] or [H,W] that are not empty.");
  cv::Mat picture = photograph;
  if (const int longer = std::max(photograph.cols, photograph.rows); longer > params_.max_side) {
    const double scale = static_cast<double>(params_.max_side) / longer;
    const cv::Size size(std::max(1, static_cast<int>(std::lround(photograph.cols * scale))),
                        std::max(1, static_cast<int>(std::lround(photograph.rows * scale))));
    cv::Mat shrunk;
    cv::resize(photograph, shrunk, size, 0, 0, cv::INTER_AREA);
    picture = shrunk;
  }
  const double x_scale = static_cast<double>(photograph.cols) / picture.cols;
  const double y_scale = static_cast<double>(photograph.rows) / picture.rows;
  cv::Mat bgr;
  cv::cvtColor(picture, bgr, picture.channels() == 3 ? cv::COLOR_RGB2BGR : cv::COLOR_GRAY2BGR);
  if (bgr.cols < smallest_side || bgr.rows < smallest_side) {
    // On the right and below, so that places stay what they are.
    cv::Mat extended;
    cv::copyMakeBorder(bgr, extended, 0, std::max(0, smallest_side - bgr.rows), 0,
                       std::max(0, smallest_side - bgr.cols), cv::BORDER_CONSTANT);
    bgr = extended;
  }

  cv::Ptr<cv::FaceDetectorYN> detector;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      detector = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!detector) detector = open();
  cv::Mat rows;
  // A detector that threw is not put back.
  look(*detector, bgr, rows);
  std::vector<FoundFace> faces = faces_of_yunet(rows, x_scale, y_scale);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(detector));
  return faces;
}

}  // namespace fergraph
