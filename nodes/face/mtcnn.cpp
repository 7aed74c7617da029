#include "nodes/face/mtcnn.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "nodes/face/suppression.hpp"

namespace fergraph {
namespace {

constexpr int proposal_cell = 12, proposal_stride = 2;
constexpr float most_overlap_in_level = 0.5F, most_overlap = 0.7F;

using Shift = std::array<float, 4>;

struct Candidate {
  ScoredBox box;
  Shift shift{};
};

// The candidates that stay, best first.
std::vector<Candidate> suppressed(const std::vector<Candidate>& candidates, float most) {
  std::vector<ScoredBox> boxes;
  boxes.reserve(candidates.size());
  for (const Candidate& each : candidates) boxes.push_back(each.box);
  std::vector<Candidate> kept;
  for (const std::size_t place : suppress(boxes, most, Overlap::of_union)) kept.push_back(candidates[place]);
  return kept;
}

// A regressed box; sides count `more` pixels (the last two networks were trained with sides of x2 - x1 + 1).
ScoredBox shifted(const ScoredBox& box, const Shift& shift, float more) {
  const float width = box.x2 - box.x1 + more, height = box.y2 - box.y1 + more;
  return {box.x1 + shift[0] * width, box.y1 + shift[1] * height, box.x2 + shift[2] * width, box.y2 + shift[3] * height,
          box.score};
}

// The square of the longer side about the same centre.
ScoredBox squared(const ScoredBox& box) {
  const float width = box.x2 - box.x1, height = box.y2 - box.y1;
  const float side = std::max(width, height);
  const float x = box.x1 + width * 0.5F - side * 0.5F, y = box.y1 + height * 0.5F - side * 0.5F;
  return {x, y, x + side, y + side, box.score};
}

// The pixels of a box that lie in the photograph; coordinates count from 1 and are truncated. Width 0 for none.
PixelPart part_under(const ScoredBox& box, const cv::Mat& photograph) {
  const auto whole = [](float x) { return static_cast<int>(std::clamp(x, -1e9F, 1e9F)); };
  const int x1 = std::max(whole(box.x1), 1), x2 = std::min(whole(box.x2), photograph.cols);
  const int y1 = std::max(whole(box.y1), 1), y2 = std::min(whole(box.y2), photograph.rows);
  if (x2 <= x1 - 1 || y2 <= y1 - 1) return {};
  return {photograph.ptr(y1 - 1) + std::size_t{3} * (x1 - 1), photograph.step[0], x2 - x1 + 1, y2 - y1 + 1};
}

// Drops boxes that lie outside of the photograph and gives the parts under the others.
std::vector<PixelPart> parts_under(std::vector<ScoredBox>& boxes, const cv::Mat& photograph) {
  std::vector<PixelPart> parts;
  std::erase_if(boxes, [&](const ScoredBox& box) {
    const PixelPart part = part_under(box, photograph);
    if (part.width > 0) parts.push_back(part);
    return part.width == 0;
  });
  return parts;
}

const MtcnnParams& checked(const MtcnnParams& params) {
  if (params.min_face_size < proposal_cell || params.min_face_size > 10'000)
    throw std::invalid_argument("min_face_size is " + std::to_string(params.min_face_size) +
                                "; it must be from 12 to 10000.");
  for (const double threshold : params.thresholds)
    if (!(threshold > 0 && threshold < 1))
      throw std::invalid_argument("One of the thresholds is " + std::to_string(threshold) +
                                  "; each must lie between 0 and 1.");
  if (!(params.factor >= 0.1 && params.factor <= 0.95))
    throw std::invalid_argument("factor is " + std::to_string(params.factor) + "; it must be from 0.1 to 0.95.");
  return params;
}

}  // namespace

struct MtcnnDetector::Buffers {
  ProposalNetwork::Buffers proposal;
  CandidateNetwork::Buffers refinement, output;
  std::vector<ProposalCell> cells;
};

class MtcnnDetector::Borrowed {
 public:
  explicit Borrowed(const MtcnnDetector& detector) : detector_(detector) {
    const std::lock_guard lock(detector.mutex_);
    if (!detector.idle_.empty()) {
      buffers_ = std::move(detector.idle_.back());
      detector.idle_.pop_back();
    }
    if (!buffers_) buffers_ = std::make_unique<Buffers>();
  }
  ~Borrowed() {
    const std::lock_guard lock(detector_.mutex_);
    detector_.idle_.push_back(std::move(buffers_));
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  Buffers& operator*() const { return *buffers_; }

 private:
  const MtcnnDetector& detector_;
  std::unique_ptr<Buffers> buffers_;
};

MtcnnDetector::MtcnnDetector(const MtcnnParams& params, const MtcnnWeights& weights, const MtcnnKernels& kernels)
    : params_(checked(params)),
      proposal_(weights.pnet, kernels),
      refinement_(CandidateNetwork::Kind::refinement, weights.rnet, kernels),
      output_(CandidateNetwork::Kind::output, weights.onet, kernels) {}

MtcnnDetector::~MtcnnDetector() = default;

std::vector<double> pyramid_scales(int width, int height, const MtcnnParams& params) {
  std::vector<double> scales;
  double scale = static_cast<double>(proposal_cell) / params.min_face_size;
  for (double shorter = std::min(width, height) * scale; shorter >= proposal_cell; shorter *= params.factor) {
    scales.push_back(scale);
    scale *= params.factor;
  }
  return scales;
}

std::vector<MtcnnFace> MtcnnDetector::detect(const cv::Mat& photograph) const {
  if (photograph.empty() || photograph.type() != CV_8UC3)
    throw std::invalid_argument("MTCNN looks for faces in pictures of type uint8 [H,W,3] that are not empty.");
  const Borrowed borrowed(*this);
  Buffers& buffers = *borrowed;

  // P-Net on every level.
  const PixelPart whole{photograph.ptr(), photograph.step[0], photograph.cols, photograph.rows};
  std::vector<Candidate> candidates;
  for (const double scale : pyramid_scales(photograph.cols, photograph.rows, params_)) {
    buffers.cells.clear();
    proposal_.scan(whole, static_cast<int>(photograph.cols * scale + 1), static_cast<int>(photograph.rows * scale + 1),
                   static_cast<float>(params_.thresholds[0]), buffers.proposal, buffers.cells);
    std::vector<Candidate> level;
    const auto shrink = static_cast<float>(scale);
    for (const ProposalCell& cell : buffers.cells) {
      const auto x = static_cast<float>(proposal_stride * cell.x), y = static_cast<float>(proposal_stride * cell.y);
      level.push_back(
          {{std::floor((x + 1) / shrink), std::floor((y + 1) / shrink), std::floor((x + proposal_cell) / shrink),
            std::floor((y + proposal_cell) / shrink), cell.probability},
           cell.shift});
    }
    level = suppressed(level, most_overlap_in_level);
    candidates.insert(candidates.end(), level.begin(), level.end());
  }
  std::vector<ScoredBox> boxes;
  for (const Candidate& each : suppressed(candidates, most_overlap))
    boxes.push_back(squared(shifted(each.box, each.shift, 0)));

  // R-Net.
  std::vector<PixelPart> parts = parts_under(boxes, photograph);
  std::vector<FaceVerdict> verdicts = refinement_.judge(parts, buffers.refinement);
  candidates.clear();
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!(verdicts[i].probability > static_cast<float>(params_.thresholds[1]))) continue;
    boxes[i].score = verdicts[i].probability;
    candidates.push_back({boxes[i], verdicts[i].shift});
  }
  boxes.clear();
  for (const Candidate& each : suppressed(candidates, most_overlap))
    boxes.push_back(squared(shifted(each.box, each.shift, 1)));

  // O-Net. Landmarks refer to the box before it is shifted.
  parts = parts_under(boxes, photograph);
  verdicts = output_.judge(parts, buffers.output);
  std::vector<ScoredBox> found;
  std::vector<Landmarks> landmarks;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!(verdicts[i].probability > static_cast<float>(params_.thresholds[2]))) continue;
    const ScoredBox& box = boxes[i];
    Landmarks points{};
    for (std::size_t k = 0; k < 5; ++k) {
      points[2 * k] = (box.x2 - box.x1 + 1) * verdicts[i].landmarks[k] + box.x1 - 1;
      points[2 * k + 1] = (box.y2 - box.y1 + 1) * verdicts[i].landmarks[5 + k] + box.y1 - 1;
    }
    ScoredBox face = box;
    face.score = verdicts[i].probability;
    found.push_back(shifted(face, verdicts[i].shift, 1));
    landmarks.push_back(points);
  }
  std::vector<MtcnnFace> faces;
  for (const std::size_t place : suppress(found, most_overlap, Overlap::of_smaller)) {
    const ScoredBox& box = found[place];
    faces.push_back({{box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1, box.score}, landmarks[place]});
  }
  std::stable_sort(faces.begin(), faces.end(), [](const MtcnnFace& a, const MtcnnFace& b) {
    return a.box.width * a.box.height > b.box.width * b.box.height;
  });
  return faces;
}

}  // namespace fergraph
