// Evaluations side by side, as cross-dataset tables of papers have them.
#pragma once

#include <string>
#include <vector>

#include "report/evaluation.hpp"

namespace fergraph {

/// For a terminal: a row per evaluation (faces, accuracy, mean recall, macro F1, calibration error, all but the first
/// in percent), the recall of each class, and the confusion matrices.
std::string evaluation_text(const std::vector<Evaluation>& evaluations);

/// The same numbers as shares from 0 to 1, without the confusion matrices; empty where there is none.
std::string evaluation_csv(const std::vector<Evaluation>& evaluations);

}  // namespace fergraph
