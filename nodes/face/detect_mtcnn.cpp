#include "nodes/face/detect_mtcnn.hpp"

#include "cache/fingerprint.hpp"
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
      .out(&Out::box, "box", "float [4]", "the face's box")
      .out(&Out::landmarks, "landmarks", "float [10]", "eyes, nose, corners of the mouth, in pixels")
      .out(&Out::probability, "probability", "float []", "the last network's probability that it is a face")
      .param(&Params::weights, "weights", "folder with pnet, rnet and onet, as .safetensors or .pt", required)
      .param(&Params::min_face_size, "min_face_size", "side of the smallest face in pixels", in_range(12, 10000))
      .param(&Params::thresholds, "thresholds", "least probabilities of the three networks")
      .param(&Params::factor, "factor", "ratio of neighbouring levels of the image pyramid", in_range(0.1, 0.95))
      .param(&Params::choose, "choose", "which of several faces");
}

DetectMtcnn::Out DetectMtcnn::run(const In& in, const Params& params) const {
  const std::vector<MtcnnFace> faces = detector_->detect(whole_photograph(in.image));
  std::vector<FaceBox> boxes;
  for (const MtcnnFace& each : faces) boxes.push_back(each.box);
  const auto chosen = choose_face_index(boxes, in.image.pixels.size(), params.choose);
  if (!chosen) throw Void{"No face was found."};
  const MtcnnFace& face = faces[*chosen];
  return {{{face.box.x, face.box.y, face.box.width, face.box.height}}, {face.landmarks}, {face.box.score}};
}

}  // namespace fergraph
