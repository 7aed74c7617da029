// What a run's report shows, gathered from its directory: records, predictions, timing, voids, provenance. The page's
// own scripts (report/page) decide which figures there are.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graph/pipeline.hpp"
#include "graph/registry.hpp"
#include "report/run_timing.hpp"

namespace fergraph {

/// A run directory, opened for reading.
struct ReportedRun {
  std::filesystem::path directory;
  std::optional<Pipeline> pipeline;  // absent where its file no longer checks
  RunTiming timing;
  std::vector<std::string> problems;  // what could not be read, each a sentence
};

/// Throws RunError where the directory holds no run.
ReportedRun open_run(const std::filesystem::path& directory, const Registry& registry);

/// The names of the classes, by the numbers of labels; "class 1" and so on where only their number is known; else none.
std::vector<std::string> class_names_of(const ReportedRun& run);

/// All that the page shows, as JSON of plain values; what is not there is left out or null. Adds to the run's problems.
nlohmann::ordered_json report_data(ReportedRun& run);

}  // namespace fergraph
