// The preprocessing of a training cache, turned into one that looks at photographs nobody has labeled: the same nodes
// with the same parameters, but another source, and batches instead of a cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/model/model_card.hpp"

namespace fergraph {

/// Which of the faces in a photograph are looked at.
enum class WantedFaces { all, largest, central, best };

struct FaceFinding {
  /// "haar", "mtcnn:FOLDER" or "yunet:FILE"; empty: what found the faces of the training, or "haar" where these were
  /// given by the data set.
  std::string detector;
  /// Photographs are faces that are cut out already, and are only resized.
  bool aligned = false;
  WantedFaces faces = WantedFaces::all;
  /// The most that a photograph may have; 0: as in the training.
  std::int64_t max_pixels = 0;
};

struct FacePipeline {
  /// A pipeline file with one stream, `photographs`: it begins with the source `photograph_list` and ends with a batch
  /// that has the item `faces`, FaceLists or Images (one face per photograph).
  std::string text;
  std::string decoder;                ///< the name of the node that decodes: its voids are of damaged files
  std::string detector;               ///< of the node that finds faces; empty where they are cut out already
  bool is_training_detector = false;  ///< as the cache had it, so that its fingerprint can be compared
  std::vector<std::string> notes;     ///< sentences on what is not as it was in the training
};

/// Throws RunError where it cannot be: a preprocessing without decoding, a detector that does not exist, faces that
/// were aligned by a node that is not known here. `folder`: of the model, in which relative paths of its detector
/// begin.
FacePipeline face_pipeline(const std::optional<FacePreprocessing>& training, const FaceFinding& finding,
                           const std::filesystem::path& folder, int batch);

/// What of the user's own the detector of a preprocessing reads.
struct DetectorFile {
  std::string word;  ///< "mtcnn" or "yunet"
  std::filesystem::path path;
  bool is_folder = false;
};
std::optional<DetectorFile> detector_file(const FacePreprocessing& training, const std::filesystem::path& folder);

/// The preprocessing's text with another path there.
std::string with_detector_file(const FacePreprocessing& training, const std::string& path);

}  // namespace fergraph
