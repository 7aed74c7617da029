#include "nodes/partition/beta_components.hpp"

#include <algorithm>
#include <cmath>

namespace fergraph {
namespace {

constexpr double least_variance = 1e-12;

// std::lgamma writes a global variable.
double log_gamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

using Pair = std::array<double, 2>;

Pair responsibilities(const BetaComponents& mixture, double score, double floor) {
  if (floor == 0) {
    const double first = mixture.posterior(0, score);
    return {first, 1 - first};
  }
  Pair share{};
  for (std::size_t m = 0; m < 2; ++m) share[m] = std::max(std::exp(mixture.log_density(m, score)), floor);
  const double sum = share[0] + share[1];
  return {share[0] / sum, share[1] / sum};
}

}  // namespace

double BetaComponents::log_density(std::size_t m, double score) const {
  return std::log(weight[m]) + (alpha[m] - 1) * std::log(score) + (beta[m] - 1) * std::log1p(-score) -
         (log_gamma(alpha[m]) + log_gamma(beta[m]) - log_gamma(alpha[m] + beta[m]));
}

double BetaComponents::posterior(std::size_t m, double score) const {
  // By the difference of logarithms: far from both components both densities may be too small for a double.
  return 1 / (1 + std::exp(log_density(1 - m, score) - log_density(m, score)));
}

BetaComponents fit_beta_components(const std::vector<double>& scores, const BetaComponents& start,
                                   std::int64_t iterations, double floor, FitRemarks& remarks) {
  BetaComponents mixture = start;
  std::array<bool, 2> is_flat{}, is_empty{};
  std::vector<Pair> shares(scores.size());
  for (std::int64_t i = 0; i < iterations; ++i) {
    for (std::size_t n = 0; n < scores.size(); ++n) shares[n] = responsibilities(mixture, scores[n], floor);
    Pair sums{};
    for (std::size_t m = 0; m < 2; ++m) {
      double weighted = 0;
      for (std::size_t n = 0; n < scores.size(); ++n) {
        sums[m] += shares[n][m];
        weighted += shares[n][m] * scores[n];
      }
      is_empty[m] = !(sums[m] > 0);
      if (is_empty[m]) continue;
      const double mean = weighted / sums[m];
      double variance = 0;
      for (std::size_t n = 0; n < scores.size(); ++n)
        variance += shares[n][m] * (scores[n] - mean) * (scores[n] - mean);
      variance /= sums[m];
      is_flat[m] = !(variance >= least_variance);
      if (is_flat[m]) variance = least_variance;
      mixture.alpha[m] = mean * (mean * (1 - mean) / variance - 1);
      mixture.beta[m] = mixture.alpha[m] * (1 - mean) / mean;
    }
    for (std::size_t m = 0; m < 2; ++m) mixture.weight[m] = sums[m] / (sums[0] + sums[1]);
  }
  for (std::size_t m = 0; m < 2; ++m) {
    const std::string which = m == 0 ? "first" : "second";
    if (is_empty[m])
      remarks.push_back("no score belongs to the " + which + " component, which keeps its shape and has the weight 0");
    else if (is_flat[m])
      remarks.push_back("the scores of the " + which + " component are all equal; their variance, 0, counts as 1e-12");
  }
  return mixture;
}

std::vector<double> posterior_table(const BetaComponents& mixture, std::size_t component, std::int64_t size) {
  constexpr double edge = 1e-12;
  std::vector<double> table;
  for (std::int64_t i = 0; i < size; ++i) {
    const double score =
        i + 1 == size ? 1 - edge : edge + static_cast<double>(i) * ((1 - edge - edge) / static_cast<double>(size - 1));
    const double own = std::exp(mixture.log_density(component, score));
    const double other = std::exp(mixture.log_density(1 - component, score));
    table.push_back(own / (own + other + edge));
  }
  const auto peak = std::max_element(table.begin(), table.end());
  std::fill(peak, table.end(), *peak);
  return table;
}

}  // namespace fergraph
