// What `fergraph run` prints at its end.
#pragma once

#include <filesystem>

#include "graph/run.hpp"
#include "report/metrics.hpp"
#include "report/run_reporter.hpp"

namespace fergraph {

/// Accuracies (best, last, mean of the last five epochs), the confusion matrix of the test, steps that were skipped,
/// and where the time went. `seconds`: since the command began.
void print_training(const Run& run, const MetricsLog& metrics, const std::vector<std::string>& class_names,
                    double seconds);

/// Per preprocessing stream: samples, voids, time and rate.
void print_preprocessing(const Run& run, const RunReporter& reporter);

/// How many samples were void for which reason, where any was.
void print_voids(const MetricsLog& metrics, const std::filesystem::path& directory);

}  // namespace fergraph
