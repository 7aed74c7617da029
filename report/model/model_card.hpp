// The card of a model: everything but the weights that one needs to turn photographs into expressions with it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cache/face.hpp"
#include "graph/tree.hpp"

namespace fergraph {

/// The version of model folders that this program writes and reads.
inline constexpr int model_format_version = 1;

/// How the faces were made that a model was trained on: what their cache says of itself.
struct FacePreprocessing {
  std::string pipeline;     ///< the preprocessing file, resolved, as YAML
  std::string cache;        ///< the path under which the run knew the cache
  Fingerprint fingerprint;  ///< of everything that decided the pixels
  FaceEncoding encoding;    ///< faces kept as JPEGs were trained on as these show them
  FaceShape shape;
};

/// One of the networks whose probabilities are averaged.
struct ModelNetwork {
  std::string name;
  /// The parameters of the state kind `network`, all of them, without those that say where values came from.
  Tree design;
};

/// Of a run: the record test.accuracy over its epochs, from 0 to 1.
struct ModelAccuracy {
  double best = 0, last = 0, mean_of_last_five = 0;
  std::optional<double> at_checkpoint;  ///< where the checkpoint is the end of an epoch
};

struct ModelCard {
  std::string pipeline;  ///< the name of the method's file
  std::vector<std::string> class_names;
  std::vector<ModelNetwork> networks;
  /// Absent where the cache of the run was gone: then only faces that are cut out already can be looked at.
  std::optional<FacePreprocessing> preprocessing;
  std::uint64_t seed = 0;
  std::string checkpoint;  ///< "last", "best" or a file's name
  std::int64_t epoch = 0;  ///< finished epochs
  std::int64_t iteration = 0;
  std::optional<ModelAccuracy> accuracy;
  std::string provenance = "{}";  ///< JSON: the run's versions, fingerprints and machine

  /// The name of an array in model.safetensors: a network's own where there is one network, else behind "NETWORK.".
  std::string array_prefix(const ModelNetwork& network) const {
    return networks.size() == 1 ? std::string() : network.name + ".";
  }
};

/// The JSON of a card, and back. The latter throws std::runtime_error, "Cannot use 'file': …", for what is no card, of
/// a later version, or lacks something.
std::string to_json(const ModelCard& card, bool has_torchscript);
ModelCard read_card(const std::filesystem::path& file);

/// JSON of the preprocessing, as it stands in a card and in a run's preprocessing.json.
std::string to_json(const FacePreprocessing& preprocessing);
FacePreprocessing preprocessing_of_json(const std::string& json);

}  // namespace fergraph
