#include "nodes/face/haar.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <stdexcept>
#include <system_error>
#include <tuple>
#include <utility>

namespace fergraph {
namespace {

// Sorts before: better score, larger, left, upper. OpenCV's own order depends on its threads.
bool before(const FaceBox& a, const FaceBox& b) {
  return std::make_tuple(-a.score, -a.width * a.height, a.x, a.y) <
         std::make_tuple(-b.score, -b.width * b.height, b.x, b.y);
}

}  // namespace

std::optional<std::size_t> choose_face_index(const std::vector<FaceBox>& faces, cv::Size photograph,
                                             FaceChoice choice) {
  const auto rank = [&](const FaceBox& face) -> double {
    switch (choice) {
      case FaceChoice::largest:
        return double{face.width} * face.height;
      case FaceChoice::central:
        return -std::hypot(face.x + face.width / 2 - photograph.width / 2.0,
                           face.y + face.height / 2 - photograph.height / 2.0);
      case FaceChoice::best:
        break;
    }
    return face.score;
  };
  const auto chosen = std::min_element(faces.begin(), faces.end(), [&](const FaceBox& a, const FaceBox& b) {
    const double rank_a = rank(a), rank_b = rank(b);
    return rank_a != rank_b ? rank_a > rank_b : before(a, b);
  });
  if (chosen == faces.end()) return std::nullopt;
  return static_cast<std::size_t>(chosen - faces.begin());
}

std::optional<FaceBox> choose_face(const std::vector<FaceBox>& faces, cv::Size photograph, FaceChoice choice) {
  const auto chosen = choose_face_index(faces, photograph, choice);
  if (!chosen) return std::nullopt;
  return faces[*chosen];
}

std::filesystem::path find_cascade(const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(name, ignored)) return name;
  std::vector<std::filesystem::path> folders;
  if (const char* own = std::getenv("FERGRAPH_HAARCASCADES")) folders.emplace_back(own);
  for (const char* folder : {"/usr/share/opencv4/haarcascades", "/usr/share/opencv/haarcascades",
                             "/usr/local/share/opencv4/haarcascades", "/usr/local/share/opencv/haarcascades"}) {
    folders.emplace_back(folder);
  }
  std::string looked;
  for (const std::filesystem::path& folder : folders) {
    if (std::filesystem::is_regular_file(folder / name, ignored)) return folder / name;
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  throw std::runtime_error(
      "The Haar cascade '" + name + "' is no file and not in " + looked +
      ". Install the package opencv-data, or set FERGRAPH_HAARCASCADES to the folder that has it.");
}

HaarDetector::HaarDetector(HaarParams params) : params_(std::move(params)), file_(find_cascade(params_.cascade)) {
  HaarParams::scale_factors.require("scale_factor", params_.scale_factor);
  HaarParams::neighbors.require("min_neighbors", params_.min_neighbors);
  HaarParams::sizes.require("min_size", params_.min_size);
  HaarParams::retry_pads.require("retry_pad", params_.retry_pad);
  HaarParams::retry_sides.require("retry_side", params_.retry_side);
  std::ifstream in(file_, std::ios::binary);
  xml_.assign(std::istreambuf_iterator<char>(in), {});
  idle_.push_back(load());
}

HaarDetector::~HaarDetector() = default;

std::unique_ptr<cv::CascadeClassifier> HaarDetector::load() const {
  auto classifier = std::make_unique<cv::CascadeClassifier>();
  bool good = false;
  try {
    const cv::FileStorage storage(xml_, cv::FileStorage::READ | cv::FileStorage::MEMORY);
    good = storage.isOpened() && classifier->read(storage.getFirstTopLevelNode()) && !classifier->empty();
  } catch (const cv::Exception&) {
    good = false;
  }
  if (!good) {
    throw std::runtime_error(file_.string() +
                             ": this is no cascade that OpenCV can read; name one of the package opencv-data.");
  }
  return classifier;
}

std::vector<FaceBox> HaarDetector::detect(const cv::Mat& photograph) const {
  if (photograph.empty() || (photograph.type() != CV_8UC3 && photograph.type() != CV_8UC1)) {
    throw std::invalid_argument("Faces are looked for in pictures of type uint8 [H,W,3] or [H,W] that are not empty.");
  }
  cv::Mat grey;
  if (photograph.channels() == 3) {
    cv::cvtColor(photograph, grey, cv::COLOR_RGB2GRAY);
  } else {
    grey = photograph;
  }
  if (params_.equalize) {
    cv::Mat stretched;
    cv::equalizeHist(grey, stretched);
    grey = stretched;
  }

  std::vector<FaceBox> faces = find(grey);
  if (faces.empty() && params_.retry_pad > 0) {
    const int shorter = std::min(grey.cols, grey.rows);
    const int pad = static_cast<int>(std::lround(params_.retry_pad * shorter));
    const double enlarged = std::max(1.0, static_cast<double>(params_.retry_side) / shorter);
    cv::Mat extended;
    cv::copyMakeBorder(grey, extended, pad, pad, pad, pad, cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
    // A strip of one pixel would become a picture of any length.
    if (enlarged > 1 && extended.total() * enlarged * enlarged < 1e7) {
      cv::resize(extended, extended, {}, enlarged, enlarged, cv::INTER_LINEAR);
    }
    const double x_scale = static_cast<double>(grey.cols + 2 * pad) / extended.cols;
    const double y_scale = static_cast<double>(grey.rows + 2 * pad) / extended.rows;
    faces = find(extended);
    for (FaceBox& face : faces) {
      face.x = static_cast<float>(face.x * x_scale - pad);
      face.y = static_cast<float>(face.y * y_scale - pad);
      face.width = static_cast<float>(face.width * x_scale);
      face.height = static_cast<float>(face.height * y_scale);
    }
  }
  std::sort(faces.begin(), faces.end(), before);
  return faces;
}

std::vector<FaceBox> HaarDetector::find(const cv::Mat& grey) const {
  std::unique_ptr<cv::CascadeClassifier> classifier;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      classifier = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!classifier) classifier = load();
  const int side = static_cast<int>(std::lround(params_.min_size * std::min(grey.cols, grey.rows)));
  std::vector<cv::Rect> boxes;
  std::vector<int> neighbors;
  // A classifier that threw is not put back.
  classifier->detectMultiScale(grey, boxes, neighbors, params_.scale_factor, params_.min_neighbors, 0,
                               cv::Size(side, side));
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(classifier));
  }

  std::vector<FaceBox> faces;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    faces.push_back({static_cast<float>(boxes[i].x), static_cast<float>(boxes[i].y), static_cast<float>(boxes[i].width),
                     static_cast<float>(boxes[i].height), static_cast<double>(neighbors[i])});
  }
  return faces;
}

}  // namespace fergraph
