// The node `detect_yunet`: the face in a photograph with its five landmarks, by OpenCV's YuNet.
#pragma once

#include <memory>

#include "graph/contract.hpp"
#include "nodes/face/face_choice.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/face/yunet.hpp"
#include "nodes/values.hpp"

namespace fergraph {

class DetectYunet {
 public:
  struct In {
    Image image;
    std::optional<FivePoints> known_landmarks;
    std::optional<Box2d> known_box;
  };
  struct Out {
    std::optional<Box2d> box;
    FivePoints landmarks;
    std::optional<Number> score;
    std::optional<Faces> faces;
  };
  struct Params : YunetParams {
    FaceChoice choose = FaceChoice::largest;
  };
  /// Throws std::runtime_error where the model is missing, or is none that OpenCV can run as YuNet.
  explicit DetectYunet(const Params& params);
  static Contract<DetectYunet> contract();
  /// Of the model.
  std::string fingerprint() const { return fingerprint_; }
  Out run(const In& in, const Params& params) const;

 private:
  std::shared_ptr<const YunetDetector> detector_;
  std::string fingerprint_;
};

}  // namespace fergraph
