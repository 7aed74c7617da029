// Photographs to expressions: finds faces, cuts them out as those of the training were, and classifies them, by the
// engine that makes caches and trains: photographs side by side, faces in batches. What `fergraph predict` runs, and
// what a program of one's own embeds (examples/embedded_predictor).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "nodes/face/faces.hpp"
#include "report/model/face_pipeline.hpp"
#include "report/model/model.hpp"

namespace fergraph {

/// One face of a photograph.
struct FacePrediction {
  std::optional<FaceBox> box;          ///< in pixels of the photograph; absent where it is a face as a whole
  std::optional<Landmarks> landmarks;  ///< of detectors that find them
  cv::Mat pixels;                      ///< uint8 [S,S,3], RGB: what the networks saw
  std::vector<float> probabilities;    ///< of each class; their sum is 1

  std::size_t best() const;  ///< the most probable class, by its number
};

struct PhotographPrediction {
  std::int64_t index = 0;             ///< in what was given
  std::string name;                   ///< its path; of pictures in memory empty
  std::vector<FacePrediction> faces;  ///< the largest first
  /// Why there are no faces, a sentence; empty where there are.
  std::string reason;
  /// The file could not be read or decoded; else no face was found in it.
  bool is_damaged = false;
};

struct PredictorOptions {
  FaceFinding faces;
  std::string checkpoint;  ///< of a run: last, best or a file; empty: last
  std::string device = "cpu";
  int threads = 0;  ///< 0: as many as there are cores
  int batch = 16;   ///< photographs whose faces go through the networks together
  std::stop_token stop = {};
};

/// One thread at a time may use it.
class Predictor {
 public:
  using Tell = std::function<void(PhotographPrediction&&)>;

  /// `run_or_model`: the folder of a run, or of a model that `fergraph export` made. Throws std::runtime_error,
  /// RunError or PipelineError with the remedy: no such model, weights that do not fit it, a detector whose files are
  /// not there.
  explicit Predictor(const std::filesystem::path& run_or_model, const PredictorOptions& options = {});
  /// With nodes of one's own in the preprocessing.
  Predictor(const Model& model, const PredictorOptions& options, const Registry& registry);
  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  /// Calls `tell` for every photograph, in their order, from this thread, as soon as those before it are told. Throws
  /// Cancelled where it was stopped.
  void predict(const std::vector<std::filesystem::path>& files, const Tell& tell);
  /// Of pictures in memory, uint8 [H,W,3] RGB, of any sizes. Throws std::invalid_argument for others.
  void predict(std::span<const cv::Mat> pictures, const Tell& tell);
  /// Of one picture.
  std::vector<FacePrediction> predict(const cv::Mat& picture);

  const ModelCard& card() const;
  const std::vector<std::string>& class_names() const { return card().class_names; }
  /// What is not as it was in the training, in sentences: another detector, other versions of it.
  const std::vector<std::string>& notes() const;
  /// The pipeline that looks at the photographs, as YAML.
  const std::string& pipeline() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace fergraph
