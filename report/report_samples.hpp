// The part of a report that is made of predictions: how samples lie, which labels are doubted, which mistakes were
// made.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace fergraph {

/// Of each predictions/<name>.csv of a run directory: counts and rates, and of one with features the plane of them.
/// Paths of caches are looked for from here and from the folders above the run. Adds to `problems` what could not be
/// read.
nlohmann::ordered_json report_samples(const std::filesystem::path& directory, std::vector<std::string>& problems);

}  // namespace fergraph
