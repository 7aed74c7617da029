// Which faces a run was fed with: what was drawn and changed by chance is written down, so that it can be used again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graph/pipeline.hpp"
#include "nodes/batch/cache_selection.hpp"

namespace fergraph {

/// What a source of faces selects: nothing for other nodes.
std::vector<CacheSelection> selections_of(const NodePlan& source);

/// One row per face: its place in the cache, the row of the published file, id, split, class in the data set, class as
/// given.
std::string selection_csv(const FaceCache& cache, const SelectedFaces& selected);

/// Writes selections/<stream>.csv below `directory` for every stream that is fed with a choice of a cache's faces
/// (labeled, unlabeled, validation, with noise); <stream>-1.csv and so on for each of several selections. Throws
/// RunError where a file cannot be written.
void write_selections(const Pipeline& pipeline, const std::filesystem::path& directory);

}  // namespace fergraph
