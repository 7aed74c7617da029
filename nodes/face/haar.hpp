// Finds upright frontal faces with OpenCV's Haar cascades: no weights to download, milliseconds per photograph, the
// same boxes on every run.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "nodes/face/range.hpp"

namespace cv {
class CascadeClassifier;
}

namespace fergraph {

/// A face in a photograph, in its pixels; (x, y) is the upper left corner.
struct FaceBox {
  float x = 0, y = 0, width = 0, height = 0;
  /// Higher is better; for Haar cascades the number of windows that agree on this box.
  double score = 0;
};

/// Which of several faces is the one.
enum class FaceChoice {
  largest,  ///< by area
  central,  ///< its centre is nearest to the centre of the photograph
  best      ///< by score
};

/// The chosen face or its place, or none where there is none. Of equal ones the better score wins, then the larger,
/// then the left and upper.
std::optional<std::size_t> choose_face_index(const std::vector<FaceBox>& faces, cv::Size photograph, FaceChoice choice);
std::optional<FaceBox> choose_face(const std::vector<FaceBox>& faces, cv::Size photograph, FaceChoice choice);

struct HaarParams {
  /// A file name below the cascade folders (see find_cascade), or a path.
  std::string cascade = "haarcascade_frontalface_default.xml";
  /// Ratio of neighbouring window sizes; nearer to 1 finds more and is slower.
  double scale_factor = 1.1;
  static constexpr Range scale_factors{1.01, 10};
  /// Windows that must agree on a face (0: every window is a box of its own).
  int min_neighbors = 3;
  static constexpr Range neighbors{0, 1000};
  /// Smallest face as a fraction of the photograph's shorter side; smaller ones are not looked for.
  double min_size = 0.2;
  static constexpr Range sizes{0, 1};
  /// Stretch the histogram of the grey picture first.
  bool equalize = false;
  /// Where nothing is found, look once more with the photograph extended by this fraction of its shorter side on every
  /// side (its edge repeated) and enlarged to retry_side: the cascades want forehead and chin, which pictures cut tight
  /// around a face lack, and windows of 24 pixels do not fit into small ones. 0: do not look again.
  double retry_pad = 0.25;
  static constexpr Range retry_pads{0, 1};
  int retry_side = 200;
  static constexpr Range retry_sides{24, 2000};
};

/// The file of a cascade: `name` itself if it is a file, else below $FERGRAPH_HAARCASCADES,
/// /usr/share/opencv4/haarcascades, /usr/share/opencv/haarcascades and their /usr/local counterparts.
/// Throws std::runtime_error that lists where it looked and names the package to install.
std::filesystem::path find_cascade(const std::string& name);

/// A detector after Viola and Jones ("Rapid object detection using a boosted cascade of simple features", CVPR 2001).
///
/// detect() may be called from many threads at once: cv::CascadeClassifier may not, so each call borrows one from a
/// pool that grows to the number of concurrent calls. OpenCV splits each call over its own threads; a program that
/// detects in many photographs at once wants cv::setNumThreads(1), which holds for the whole process and is left to it.
class HaarDetector {
 public:
  /// Throws std::runtime_error where the cascade is missing or no cascade, std::invalid_argument where a parameter is
  /// out of its range.
  explicit HaarDetector(HaarParams params = {});
  ~HaarDetector();
  HaarDetector(const HaarDetector&) = delete;
  HaarDetector& operator=(const HaarDetector&) = delete;

  /// Faces in an RGB photograph, uint8 [H,W,3], or a grey one, uint8 [H,W]; best score first, then larger, left, upper.
  /// Boxes of the second look (retry_pad) may reach beyond the photograph.
  /// Throws std::invalid_argument for an empty or other picture.
  std::vector<FaceBox> detect(const cv::Mat& photograph) const;

  const HaarParams& params() const { return params_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  std::unique_ptr<cv::CascadeClassifier> load() const;
  std::vector<FaceBox> find(const cv::Mat& grey) const;

  HaarParams params_;
  std::filesystem::path file_;
  std::string xml_;  // kept, so that a classifier made later is the same whatever happens to the file
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<cv::CascadeClassifier>> idle_;
};

}  // namespace fergraph
