// How far the probabilities that a classifier gives its answers are from how often they are right.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace fergraph {

/// One answer: the probability that the classifier gave it, and whether it was right.
struct RatedAnswer {
  double confidence = 0;
  bool right = false;
};

struct Calibration {
  /// Σ_m |B_m|/n · |accuracy(B_m) - confidence(B_m)|, 0 to 1 for confidences from 0 to 1; NaN without answers.
  double error = 0;
  /// float64 [bins,3]: of each bin the number of answers, their mean confidence and the share of right ones; the last
  /// two are NaN where there is none.
  torch::Tensor reliability;
};

/// The expected calibration error (Guo et al., On Calibration of Modern Neural Networks, ICML 2017, eq. 3) over `bins`
/// bins of equal width: bin m, from 1, holds the confidences in ((m-1)/bins, m/bins]; those of 0 are in the first one,
/// those beyond 1 in the last one. Throws std::runtime_error for less than one bin.
Calibration calibration_of(const std::vector<RatedAnswer>& answers, std::int64_t bins);

}  // namespace fergraph
