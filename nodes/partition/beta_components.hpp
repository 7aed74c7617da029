// A mixture of two beta distributions, fitted to scores between 0 and 1.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace fergraph {

/// p(s) = Σ_m weight_m · Beta(s; alpha_m, beta_m), m = 0, 1; in double precision.
struct BetaComponents {
  std::array<double, 2> alpha{}, beta{}, weight{};

  double mean(std::size_t component) const { return alpha[component] / (alpha[component] + beta[component]); }
  /// log(weight_m · Beta(s; alpha_m, beta_m)), for 0 < s < 1.
  double log_density(std::size_t component, double score) const;
  /// The probability that a score comes from the component, for 0 < s < 1.
  double posterior(std::size_t component, double score) const;
};

/// What was odd in a fit, as sentences for a log.
using FitRemarks = std::vector<std::string>;

/// Expectation maximisation with moments matched in the M-step (Ma and Leijon, 2011, as Arazo et al., ICML 2019, use
/// it): for each component the mean x and variance v of the scores under its responsibilities, alpha = x(x(1-x)/v - 1),
/// beta = alpha(1-x)/x; the weights are the shares of the responsibilities. `floor` is the least weighted density in
/// the E-step; 0 for none. A variance below 1e-12 (equal scores, a single one) counts as 1e-12, and a component without
/// responsibility stays as it is, with the weight 0; both are told in `remarks`. Requires scores within (0, 1), at
/// least one.
BetaComponents fit_beta_components(const std::vector<double>& scores, const BetaComponents& start,
                                   std::int64_t iterations, double floor, FitRemarks& remarks);

/// `size` numbers: the posterior of a component, its denominator raised by 1e-12, at `size` equally spaced scores from
/// 1e-12 to 1-1e-12; from the largest number on that number. So scores beyond the peak count no less (Arazo et al.'s
/// code).
std::vector<double> posterior_table(const BetaComponents& mixture, std::size_t component, std::int64_t size);

}  // namespace fergraph
