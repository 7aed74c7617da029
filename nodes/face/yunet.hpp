// Finds faces and their five landmarks with YuNet: Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector",
// Machine Intelligence Research 2023, as OpenCV runs it. The weights are the user's own.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "nodes/face/faces.hpp"
#include "nodes/face/range.hpp"

namespace cv {
class FaceDetectorYN;
}

namespace fergraph {

struct YunetParams {
  /// The ONNX file of the OpenCV Zoo that this OpenCV reads, see yunet_model_name().
  std::filesystem::path model;
  /// Least score of a face; OpenCV's default.
  double score_threshold = 0.9;
  static constexpr Range scores{0, 1};
  /// Of two boxes that share more than this part of their union the better stays.
  double nms_threshold = 0.3;
  static constexpr Range overlaps{0, 1};
  /// Candidates that are looked at before that.
  int top_k = 5000;
  static constexpr Range counts{1, 1000000};
  /// Photographs with a longer side are shrunk to it before they are looked at. YuNet knows faces of some 10 to 300
  /// pixels: a smaller value finds larger faces and is faster, a larger one finds smaller faces.
  int max_side = 640;
  static constexpr Range sides{64, 10000};
};

/// The file of the OpenCV Zoo that the OpenCV of this build reads: the outputs of the network have changed with OpenCV
/// 4.8.
std::string yunet_model_name();

/// What cv::FaceDetectorYN gives, float [N,15]: x, y, width, height, five points, score; times `x_scale` and `y_scale`
/// (pixels of the photograph per pixel of the picture that was looked at). Its points begin with the right eye and the
/// right corner of the mouth of the person, which are on the left in the picture. Rows that are not finite are left
/// out.
std::vector<FoundFace> faces_of_yunet(const cv::Mat& rows, double x_scale, double y_scale);

/// detect() may be called from many threads at once: cv::FaceDetectorYN may not, so each call borrows one from a pool
/// that grows to the number of concurrent calls.
class YunetDetector {
 public:
  /// Throws std::runtime_error where the model is missing, or is none that OpenCV can run as YuNet,
  /// std::invalid_argument where a parameter is out of its range.
  explicit YunetDetector(YunetParams params);
  ~YunetDetector();
  YunetDetector(const YunetDetector&) = delete;
  YunetDetector& operator=(const YunetDetector&) = delete;

  /// Faces in an RGB photograph, uint8 [H,W,3], or a grey one, uint8 [H,W], with their landmarks, in no particular
  /// order. Throws std::invalid_argument for an empty or other picture.
  std::vector<FoundFace> detect(const cv::Mat& photograph) const;

  const YunetParams& params() const { return params_; }

 private:
  cv::Ptr<cv::FaceDetectorYN> open() const;

  YunetParams params_;
  mutable std::mutex mutex_;
  mutable std::vector<cv::Ptr<cv::FaceDetectorYN>> idle_;
};

}  // namespace fergraph
