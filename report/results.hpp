// What a training run tells at its end.
#pragma once

#include <string>
#include <vector>

#include "report/metrics.hpp"

namespace fergraph {

/// For a terminal: of each record `….accuracy` its best and last value and the mean of the last five; mean recall, F1
/// and calibration of the last test; the confusion matrix; what the last epoch selected as pseudo-labels, found to be
/// wrong labels, and how large its subsets were. What was not recorded is left out, what is undefined (NaN) is a dash.
std::string results_text(const MetricsLog& metrics, const std::vector<std::string>& class_names);

}  // namespace fergraph
