#include "nodes/face/detect_yunet.hpp"

#include <fstream>
#include <sstream>

#include "cache/fingerprint.hpp"
#include "nodes/face/known_face.hpp"
#include "nodes/face/whole_photograph.hpp"

namespace fergraph {

DetectYunet::DetectYunet(const Params& params) : detector_(std::make_shared<YunetDetector>(params)) {
  std::ifstream file(params.model, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  fingerprint_ = hash_of_json(bytes.str());
}

Contract<DetectYunet> DetectYunet::contract() {
  return Contract<DetectYunet>("detect_yunet",
                               "Finds the face and its five landmarks with YuNet (Wu et al., MIR 2023), run by OpenCV.")
      .details("The model is the user's own: " + yunet_model_name() +
               " of the OpenCV Zoo (OpenCV before 4.8 reads that of 2022mar, later ones that of 2023mar). A photograph "
               "without a face becomes a void.")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .in(&In::known_landmarks, "known_landmarks", "float [10]", known_landmarks_doc)
      .in(&In::known_box, "known_box", "float [4]", known_box_of_landmarks_doc)
      .out(&Out::box, "box", "float [4]", "the face's box")
      .out(&Out::landmarks, "landmarks", "float [10]", "eyes, nose, corners of the mouth, in pixels")
      .out(&Out::score, "score", "float []", "how sure the network is of the face and its box; absent of a known face")
      .out(&Out::faces, "faces", "faces", all_faces_doc)
      .param(&Params::model, "model", "the ONNX file", required)
      .param(&Params::score_threshold, "score_threshold", "least score of a face",
             in_range(Params::scores.low, Params::scores.high))
      .param(&Params::nms_threshold, "nms_threshold", "of two boxes that share more than this the better stays",
             in_range(Params::overlaps.low, Params::overlaps.high))
      .param(&Params::top_k, "top_k", "candidates that are looked at before that",
             in_range(Params::counts.low, Params::counts.high))
      .param(&Params::max_side, "max_side",
             "longer sides are shrunk to this before the network looks, which knows faces of some 10 to 300 pixels",
             in_range(Params::sides.low, Params::sides.high))
      .param(&Params::choose, "choose", "which of several faces");
}

DetectYunet::Out DetectYunet::run(const In& in, const Params& params) const {
  if (in.known_landmarks) return {in.known_box, *in.known_landmarks, {}, {}};
  const Faces faces = sorted_by_size(detector_->detect(whole_photograph(in.image)));
  const FoundFace& face = chosen_of(faces, in.image.pixels.size(), params.choose);
  return {box_of(face), FivePoints{*face.landmarks}, Number{face.box.score}, faces};
}

}  // namespace fergraph
