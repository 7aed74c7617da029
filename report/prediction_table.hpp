// What a run's networks said of each sample of a selection, read back: predictions/<name>.csv and what lies beside it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/tsne.hpp"

namespace fergraph {

struct PredictionTable {
  std::string name;                  // "test"
  std::vector<std::string> classes;  // C
  struct Row {
    std::string id;
    std::string cache;  // path of the face cache; empty where unknown
    std::int64_t face = -1;
    std::int64_t given = -1;  // classes; -1 where unknown
    std::int64_t actual = -1;
    std::int64_t predicted = -1;
    double confidence = 0;
    std::vector<float> probs;  // [C]
  };
  std::vector<Row> rows;
  /// What the method keeps of each sample, such as its weight, one number per row; NaN where there is none.
  std::vector<std::pair<std::string, std::vector<double>>> columns;

  /// The class that a row is measured by: the true one, or the given one where that is unknown.
  static std::int64_t label_of(const Row& row) { return row.actual >= 0 ? row.actual : row.given; }
};

/// Reads predictions/<name>.csv. Columns that are not of the format and hold other than numbers are left out. Throws
/// DatasetError for a file that is damaged or lacks a column.
PredictionTable read_predictions(const std::filesystem::path& csv);

/// Reads a float32 array [N,D] in NumPy's format 1.0. Throws RunError for any other content, or above 2^28 numbers.
FeatureTable read_features(const std::filesystem::path& npy);

/// Counts by label (rows) and prediction (columns), C * C; rows without a label are left out.
std::vector<std::vector<std::int64_t>> confusion_of(const PredictionTable& table);

/// Samples, mean confidence and accuracy of each of `bins` intervals of confidence of equal width.
std::vector<std::array<double, 3>> reliability_of(const PredictionTable& table, std::size_t bins);

}  // namespace fergraph
