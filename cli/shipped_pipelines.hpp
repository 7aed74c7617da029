// Where the pipeline files are that come with the program.
#pragma once

#include <filesystem>

namespace fergraph {

/// The folder `pipelines` of the working folder where it holds methods, else the one that came with the running
/// program: ../share/fergraph/pipelines beside an installed one, ../../pipelines beside one in its build folder
/// (build/<preset>). Where there is none at all, "pipelines".
std::filesystem::path shipped_pipelines();

}  // namespace fergraph
