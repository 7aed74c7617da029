// Finds faces and their five landmarks with the MTCNN cascade: Zhang, Zhang, Li and Qiao, "Joint face detection and
// alignment using multitask cascaded convolutional networks", IEEE Signal Processing Letters 2016. The weights are the
// user's own; conventions of coordinates, resizing and suppression are those of facenet-pytorch, so that its weights
// give its faces.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "graph/state.hpp"
#include "nodes/face/align.hpp"
#include "nodes/face/haar.hpp"
#include "nodes/face/mtcnn_networks.hpp"

namespace fergraph {

struct MtcnnParams {
  /// Side of the smallest face in pixels, 12 or more; the pyramid's first level shrinks by 12 / min_face_size.
  int min_face_size = 20;
  /// Least face probabilities of P-Net, R-Net and O-Net, each in (0, 1).
  std::array<double, 3> thresholds = {0.6, 0.7, 0.7};
  /// Ratio of neighbouring levels of the pyramid, in (0, 1).
  double factor = 0.709;
};

/// Arrays of the three networks by facenet-pytorch's names.
struct MtcnnWeights {
  Blobs pnet, rnet, onet;
};

struct MtcnnFace {
  FaceBox box;  // score: O-Net's probability
  Landmarks landmarks{};
};

/// detect() may be called from many threads at once; each call borrows buffers from a pool that grows to the number of
/// concurrent calls, and computes on its own thread alone.
class MtcnnDetector {
 public:
  /// Throws std::invalid_argument for parameters out of range, RestoreError for weights that do not fit.
  MtcnnDetector(const MtcnnParams& params, const MtcnnWeights& weights,
                const MtcnnKernels& kernels = *mtcnn_kernels().front());
  ~MtcnnDetector();
  MtcnnDetector(const MtcnnDetector&) = delete;
  MtcnnDetector& operator=(const MtcnnDetector&) = delete;

  /// Faces in an RGB photograph, uint8 [H,W,3]; larger first. Boxes may reach beyond the photograph. One that is
  /// smaller than the smallest face has none. Throws std::invalid_argument for an empty or other picture.
  std::vector<MtcnnFace> detect(const cv::Mat& photograph) const;

  const MtcnnParams& params() const { return params_; }

 private:
  struct Buffers;
  class Borrowed;

  MtcnnParams params_;
  ProposalNetwork proposal_;
  CandidateNetwork refinement_, output_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Buffers>> idle_;
};

/// The factors by which the photograph shrinks on the levels of the pyramid, the largest first; every level is at least
/// 12 pixels in both directions.
std::vector<double> pyramid_scales(int width, int height, const MtcnnParams& params);

}  // namespace fergraph
