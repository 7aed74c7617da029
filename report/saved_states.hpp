// The states of a run as they were saved, or as they are: what an evaluation measures.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "graph/run.hpp"

namespace fergraph {

/// The states of a run as they are measured, and when they were so.
struct SavedStates {
  std::string name;  // for people: "last", "best", a file
  Clock clock;
  /// Of one state. Throws RunError where there is none, or its file is damaged.
  std::function<Blobs(const std::string& state)> blobs;
};

/// Those of a run that is there, which must outlive what is returned.
SavedStates states_of(Run& run);

/// Those in a run directory: `last` (checkpoints/last), `best`, or a checkpoint's file, as a path or by its name in the
/// folder `checkpoints`. Throws RunError where it is not there or cannot be used.
SavedStates read_states(const std::filesystem::path& directory, const std::string& checkpoint,
                        const Pipeline& pipeline);

}  // namespace fergraph
