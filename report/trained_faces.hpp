// The faces that the networks of a run have learned from: what others must be like to be measured with them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graph/pipeline.hpp"

namespace fergraph {

/// What the faces were that a run was trained with.
struct TrainedFaces {
  std::vector<std::string> classes;  // by the numbers of labels
  int width = 0, height = 0;         // 0: not known
  std::string cache;                 // as the pipeline names it
  std::string settings;              // what decided the pixels, JSON; empty: not known
};

/// Of the first selection of faces whose labels the step reads: as the directory's provenance.json tells, or the cache
/// itself where that is silent: labels are numbered by the cache, whatever the pipeline's parameter `class_names` says.
/// Without either, the classes are that parameter's.
TrainedFaces trained_faces(const std::filesystem::path& directory, const Pipeline& pipeline);

}  // namespace fergraph
