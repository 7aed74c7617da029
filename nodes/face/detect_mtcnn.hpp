// The node of the MTCNN cascade.
#pragma once

#include <filesystem>
#include <memory>

#include "graph/contract.hpp"
#include "nodes/face/face_choice.hpp"
#include "nodes/face/faces.hpp"
#include "nodes/face/mtcnn.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/values.hpp"

namespace fergraph {

class DetectMtcnn {
 public:
  struct In {
    Image image;
    std::optional<FivePoints> known_landmarks;
    std::optional<Box2d> known_box;
  };
  struct Out {
    std::optional<Box2d> box;
    FivePoints landmarks;
    std::optional<Number> probability;
    std::optional<Faces> faces;
  };
  struct Params {
    std::filesystem::path weights;
    int min_face_size = 20;
    std::vector<double> thresholds = {0.6, 0.7, 0.7};
    double factor = 0.709;
    FaceChoice choose = FaceChoice::largest;
  };
  /// Throws std::runtime_error where a file of weights is missing, cannot be read or is another network's.
  explicit DetectMtcnn(const Params& params);
  static Contract<DetectMtcnn> contract();
  /// Of the weights.
  std::string fingerprint() const { return fingerprint_; }
  Out run(const In& in, const Params& params) const;

 private:
  std::shared_ptr<const MtcnnDetector> detector_;
  std::string fingerprint_;
};

/// Reads pnet, rnet and onet from a folder: NAME.safetensors, else NAME.pt. Throws std::runtime_error.
MtcnnWeights read_mtcnn_weights(const std::filesystem::path& folder);

}  // namespace fergraph
