// A model: the networks that a run is reported by, with all that is needed to use them on photographs. Taken from a
// run's folder or from a model's.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "graph/pipeline.hpp"
#include "report/model/model_card.hpp"

namespace fergraph {

struct Model {
  ModelCard card;
  std::map<std::string, Blobs> weights;  ///< by network, under the networks' own names
  /// The folder of a model, in which its detector's files lie; empty for one that is a run's.
  std::filesystem::path folder;
};

/// Writes what the run's first cache of the step says of its making into the run's folder, so that the run needs the
/// cache no more to be used. Nothing where the run reads no cache.
void write_preprocessing(const Pipeline& pipeline, const std::filesystem::path& run);

/// `checkpoint`: "last" (the newest that is whole; of a run that has ended its end), "best", or a file: its name in the
/// run's checkpoints, with or without the ending, or a path. Throws RunError or std::runtime_error with the remedy: no
/// run, no checkpoint, no reported network.
Model model_of_run(const std::filesystem::path& run, const std::string& checkpoint, const Registry& registry);

/// Reads a folder that write_model() made. Throws std::runtime_error.
Model read_model(const std::filesystem::path& folder);

/// Either, told apart by what the folder holds: model.json, or pipeline.yaml. `checkpoint`: of a run, or empty for the
/// last; RunError where one is named of a model, which has none.
Model open_model(const std::filesystem::path& run_or_model, const std::string& checkpoint, const Registry& registry);

/// What write_model() did beside the weights and the card.
struct ExportOutcome {
  std::vector<std::string> files;   ///< in the folder
  std::string without_torchscript;  ///< why there is no model.pt; empty where there is one
  std::vector<std::string> notes;
};

/// Writes model.safetensors, model.json and model.pt into the folder, which is made; and the files of the detector that
/// found the faces, where it has files of the user's own (MTCNN's weights, YuNet's model). Throws RunError where the
/// folder holds something else, or cannot be written, and std::runtime_error where the weights do not fit the card; a
/// folder that was new or empty is left so.
ExportOutcome write_model(const Model& model, const std::filesystem::path& folder);

}  // namespace fergraph
