// How predictions are printed: columns for people, JSON lines and CSV for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/model/predictor.hpp"

namespace fergraph {

enum class PredictionFormat { columns, json, csv };

/// A frame of a film instead of a photograph.
struct FramePlace {
  std::int64_t number = 0;  ///< from 0
  double seconds = 0;
};

class PredictionText {
 public:
  /// `top`: how many classes a line of columns names.
  PredictionText(PredictionFormat format, const std::vector<std::string>& class_names, std::size_t top);

  /// What stands before the first prediction: of CSV the header.
  std::string heading() const;
  /// With its line ends. Columns: a line with the path, and one per face with its box and its most probable classes,
  /// the best first. JSON: an object on one line. CSV: a row per face; a photograph without a face has a row with the
  /// reason in the last field and nothing between.
  std::string of(const PhotographPrediction& photograph, const std::optional<FramePlace>& frame = {}) const;

 private:
  std::string columns(const PhotographPrediction& photograph, const std::string& title) const;
  std::string json(const PhotographPrediction& photograph, const std::optional<FramePlace>& frame) const;
  std::string csv(const PhotographPrediction& photograph, const std::string& title) const;

  PredictionFormat format_;
  std::vector<std::string> class_names_;
  std::size_t top_;
  int widest_ = 0;  // of the classes' names
};

}  // namespace fergraph
