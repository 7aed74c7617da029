// The three networks of the MTCNN cascade (Zhang, Zhang, Li and Qiao, "Joint face detection and alignment using
// multitask cascaded convolutional networks", IEEE SPL 2016, figure 2), computed by this project's own kernels. Tensors
// are named as in facenet-pytorch's state dicts. All are read-only after construction: any number of threads may use
// them at once, each with buffers of its own.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "graph/state.hpp"
#include "nodes/face/mtcnn_kernels.hpp"

namespace fergraph {

/// A place of P-Net's map that may be a face.
struct ProposalCell {
  int x = 0, y = 0;  // of the map; its cell of 12 x 12 pixels begins at (2x, 2y) of the resized photograph
  float probability = 0;
  std::array<float, 4> shift{};  // of x1, y1, x2, y2, as fractions of the box
};

/// The proposal network, on one level of the image pyramid at a time. Rows pass through all layers as soon as they can,
/// so that nothing of the map but the cells that are found leaves the processor's caches.
class ProposalNetwork {
 public:
  /// Rows of maps in flight; may be used for photographs of any size, one at a time.
  struct Buffers {
    std::vector<std::uint32_t> scratch;
    AlignedFloats input[4], convolved[2], pooled[3], second[3], third;
    std::vector<float> dots;
  };

  /// Throws RestoreError naming arrays that are missing or of another shape or dtype.
  explicit ProposalNetwork(const Blobs& weights, const MtcnnKernels& kernels = *mtcnn_kernels().front());

  /// Appends the cells of the photograph resized to width x height (12 at least) whose face probability is at least
  /// `threshold`, row by row. A threshold of 0 gives all.
  void scan(const PixelPart& photograph, int width, int height, float threshold, Buffers& buffers,
            std::vector<ProposalCell>& cells) const;

 private:
  const MtcnnKernels* kernels_;
  MtcnnLayer first_, second_, third_;
  AlignedFloats score_weights_;  // [32], face minus no face
  AlignedFloats shift_weights_;  // [4][32]
  float score_bias_ = 0;
  std::array<float, 4> shift_bias_{};
};

/// What R-Net and O-Net say of a candidate.
struct FaceVerdict {
  float probability = 0;
  std::array<float, 4> shift{};       // of x1, y1, x2, y2, as fractions of the box
  std::array<float, 10> landmarks{};  // O-Net: five x, then five y, as fractions of the box
};

/// The refinement network on 24 x 24 pixels, or the output network on 48 x 48, which also gives landmarks.
class CandidateNetwork {
 public:
  struct Buffers {
    std::vector<std::uint32_t> scratch;
    AlignedFloats maps, pooled, features, hidden, heads;
  };
  enum class Kind { refinement, output };

  /// Throws RestoreError as ProposalNetwork does.
  CandidateNetwork(Kind kind, const Blobs& weights, const MtcnnKernels& kernels = *mtcnn_kernels().front());

  int side() const { return kind_ == Kind::refinement ? 24 : 48; }
  /// A verdict for each part of a photograph, resized to side x side.
  std::vector<FaceVerdict> judge(const std::vector<PixelPart>& parts, Buffers& buffers) const;

 private:
  struct Stage {
    MtcnnLayer layer;
    int pool_window = 0;  // 0: none follows
    int width = 0;        // of its output, square
    int pooled_width = 0;
  };

  void judge_some(std::span<const PixelPart> parts, Buffers& buffers, FaceVerdict* verdicts) const;

  Kind kind_;
  const MtcnnKernels* kernels_;
  std::vector<Stage> stages_;
  MtcnnLayer hidden_, heads_;  // heads: not a face, face, shift, landmarks
};

}  // namespace fergraph
