#include "nodes/face/detect_mtcnn.hpp"

#include <utility>

#include "cache/fingerprint.hpp"
#include "nodes/face/known_face.hpp"
#include "nodes/face/whole_photograph.hpp"
#include "nodes/network/weights_file.hpp"

namespace fergraph {
namespace {

std::filesystem::path file_of(const std::filesystem::path& folder, const std::string& network) {
  for (const char* const ending : {".safetensors", ".pt"}) {
    const std::filesystem::path file = folder / (network + ending);
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored)) return file;
  }
  throw std::runtime_error("The folder '" + folder.string() + "' has neither " + network + ".safetensors nor " +
                           network +
                           ".pt. Put MTCNN's weights there (facenet-pytorch's pnet.pt, rnet.pt and onet.pt), or name "
                           "the folder that has them in 'weights'.");
}

MtcnnParams cascade_of(const DetectMtcnn::Params& params) {
  if (params.thresholds.size() != 3)
    throw std::invalid_argument("MTCNN needs three 'thresholds', of P-Net, R-Net and O-Net, but there are " +
                                std::to_string(params.thresholds.size()) + ".");
  return {params.min_face_size, {params.thresholds[0], params.thresholds[1], params.thresholds[2]}, params.factor};
}

std::string bytes_of(const Blobs& blobs) {
  std::string bytes;
  for (const auto& [name, blob] : blobs) {
    bytes.append(name).push_back('\n');
    bytes.append(reinterpret_cast<const char*>(blob.bytes.data()), blob.bytes.size());
  }
  return bytes;
}

}  // namespace

MtcnnWeights read_mtcnn_weights(const std::filesystem::path& folder) {
  return {read_weights(file_of(folder, "pnet")), read_weights(file_of(folder, "rnet")),
          read_weights(file_of(folder, "onet"))};
}

DetectMtcnn::DetectMtcnn(const Params& params) {
  const MtcnnParams cascade = cascade_of(params);
  const MtcnnWeights weights = read_mtcnn_weights(params.weights);
  try {
    detector_ = std::make_shared<MtcnnDetector>(cascade, weights);
  } catch (const RestoreError& error) {
    throw std::runtime_error("MTCNN cannot use what is in '" + params.weights.string() + "'. " + error.what());
  }
  fingerprint_ = hash_of_json(bytes_of(weights.pnet) + bytes_of(weights.rnet) + bytes_of(weights.onet));
}

Contract<DetectMtcnn> DetectMtcnn::contract() {
  return Contract<DetectMtcnn>("detect_mtcnn",
                               "Finds the face and its five landmarks with the MTCNN cascade (Zhang et al., IEEE SPL "
                               "2016).")
      .details(
          "Weights are the user's own: facenet-pytorch's pnet.pt, rnet.pt and onet.pt, or what `fergraph weights "
          "import` "
          "makes of them. Resizing, coordinates and suppression are facenet-pytorch's, so that its weights find its "
          "faces. A photograph without a face becomes a void.")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .in(&In::known_landmarks, "known_landmarks", "float [10]", known_landmarks_doc)
      .in(&In::known_box, "known_box", "float [4]", known_box_of_landmarks_doc)
      .out(&Out::box, "box", "float [4]", "the face's box")
      .out(&Out::landmarks, "landmarks", "float [10]", "eyes, nose, corners of the mouth, in pixels")
      .out(&Out::probability, "probability", "float []",
           "the last network's probability that it is a face; absent of a known face")
      .out(&Out::faces, "faces", "faces", all_faces_doc)
      .param(&Params::weights, "weights", "folder with pnet, rnet and onet, as .safetensors or .pt", required)
      .param(&Params::min_face_size, "min_face_size", "side of the smallest face in pixels", in_range(12, 10000))
      .param(&Params::thresholds, "thresholds", "least probabilities of the three networks")
      .param(&Params::factor, "factor", "ratio of neighbouring levels of the image pyramid", in_range(0.1, 0.95))
      .param(&Params::choose, "choose", "which of several faces");
}

DetectMtcnn::Out DetectMtcnn::run(const In& in, const Params& params) const {
  if (in.known_landmarks) return {in.known_box, *in.known_landmarks, {}, {}};
  std::vector<FoundFace> found;
  for (const MtcnnFace& each : detector_->detect(whole_photograph(in.image)))
    found.push_back({each.box, each.landmarks});
  const Faces faces = sorted_by_size(std::move(found));
  const FoundFace& face = chosen_of(faces, in.image.pixels.size(), params.choose);
  return {box_of(face), FivePoints{*face.landmarks}, Number{face.box.score}, faces};
}

}  // namespace fergraph
