// What a run's networks say of each face, kept in the run directory: predictions/<name>.csv, .json and .features.npy.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "report/evaluation.hpp"

namespace fergraph {

/// Numbers of the samples of a stream, by their indices: a table of the run.
struct SampleColumn {
  std::string name;
  NumericArray values;
};

/// One line per row: index in the stream, id, cache and the face's place in it, the class that it was given, the class
/// that the data set gives it (both empty where unknown), the predicted one, its probability, the probability of each
/// class, and then the columns.
std::string predictions_csv(const Evaluation& evaluation, const std::vector<SampleColumn>& columns = {});

/// What the evaluation measured, with the names of data, checkpoint, networks and classes. `accuracy`, `mean_recall`,
/// `macro_f1`, `calibration_error`, `recall` and `confusion` are of the given labels; `true_accuracy` stands beside
/// them where labels were changed or hidden.
nlohmann::ordered_json summary_json(const Evaluation& evaluation);

enum class KeepFeatures { no, yes };

/// Writes the files named after the evaluation, each by rename. Throws RunError where one cannot be written.
void write_predictions(const std::filesystem::path& run_directory, const Evaluation& evaluation, KeepFeatures features,
                       const std::vector<SampleColumn>& columns = {});

/// At the end of a training run: of the stream that is tested (with features), of every stream that the step reads with
/// labels, and of those whose samples a table of the run follows, with the tables that have one number per sample as
/// columns. Does nothing where the pipeline has no records test.*. Throws what evaluating throws.
void leave_predictions(Run& run, const std::filesystem::path& run_directory, const Registry& registry,
                       const EvaluationOptions& options);

}  // namespace fergraph
