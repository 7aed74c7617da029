#include "nodes/measure/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fergraph {
namespace {

struct Bin {
  double count = 0, confidence = 0, right = 0;  // sums
};

std::size_t bin_of(double confidence, std::int64_t bins) {
  if (!(confidence > 0)) return 0;  // NaN too
  const auto last = static_cast<double>(bins - 1);
  return static_cast<std::size_t>(std::clamp(std::ceil(confidence * static_cast<double>(bins)) - 1, 0.0, last));
}

}  // namespace

Calibration calibration_of(const std::vector<RatedAnswer>& answers, std::int64_t bins) {
  if (bins < 1) throw std::runtime_error("Calibration needs at least one bin. Set 'bins' to 15, as is usual.");
  std::vector<Bin> sums(static_cast<std::size_t>(bins));
  for (const RatedAnswer& answer : answers) {
    Bin& bin = sums[bin_of(answer.confidence, bins)];
    bin.count += 1;
    bin.confidence += answer.confidence;
    bin.right += answer.right ? 1 : 0;
  }
  constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
  Calibration out{answers.empty() ? undefined : 0, torch::full({bins, 3}, undefined, torch::kFloat64)};
  double* row = out.reliability.data_ptr<double>();
  for (const Bin& bin : sums) {
    row[0] = bin.count;
    if (bin.count > 0) {
      row[1] = bin.confidence / bin.count;
      row[2] = bin.right / bin.count;
      out.error += std::abs(bin.right - bin.confidence) / static_cast<double>(answers.size());
    }
    row += 3;
  }
  return out;
}

}  // namespace fergraph
