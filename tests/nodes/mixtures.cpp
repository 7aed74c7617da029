#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "graph/random.hpp"
#include "nodes/partition/beta_components.hpp"
#include "nodes/partition/beta_mixture.hpp"
#include "nodes/target/draw_mix.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(mixtures)

namespace {

const BetaComponents start{{1, 2}, {2, 1}, {0.5, 0.5}};

// Scores of a mixture: a share of Beta(2, 8), the others of Beta(9, 2).
std::vector<double> drawn(int count, double share) {
  Random random(5, 6, 0);
  std::vector<double> scores;
  for (int i = 0; i < count; ++i)
    scores.push_back(random.chance(share) ? draw_beta(random, 2, 8) : draw_beta(random, 9, 2));
  return scores;
}

BetaMixture::Out fitted(const torch::Tensor& score, const BetaMixture::Params& params = {},
                        const BetaMixture::State& states = {}, const std::optional<Mask>& rows = {}) {
  return BetaMixture().run({{score}, rows}, params, states, context("epoch_end.fit"));
}

bool all_finite(const BetaMixture::Out& out) {
  for (const torch::Tensor& each : {out.alpha.tensor, out.beta.tensor, out.weight.tensor, out.posterior.tensor})
    if (!each.isfinite().all().item<bool>()) return false;
  return true;
}

}  // namespace

BOOST_AUTO_TEST_CASE(densities_are_those_of_beta_distributions) {
  // Beta(2, 5) at 0.3: 30 * 0.3 * 0.7^4; Beta(1, 1) is 1 everywhere.
  const BetaComponents mixture{{2, 1}, {5, 1}, {0.25, 0.75}};
  BOOST_TEST(std::abs(std::exp(mixture.log_density(0, 0.3)) - 0.25 * 30 * 0.3 * std::pow(0.7, 4)) < 1e-13);
  BOOST_TEST(std::abs(std::exp(mixture.log_density(1, 0.9)) - 0.75) < 1e-13);
  const double first = 0.25 * 30 * 0.3 * std::pow(0.7, 4);
  BOOST_TEST(std::abs(mixture.posterior(0, 0.3) - first / (first + 0.75)) < 1e-13);
  BOOST_TEST(std::abs(mixture.posterior(0, 0.3) + mixture.posterior(1, 0.3) - 1) < 1e-13);
  BOOST_TEST(mixture.mean(0) == 2.0 / 7);
}

BOOST_AUTO_TEST_CASE(a_fit_finds_the_components) {
  FitRemarks remarks;
  const BetaComponents found = fit_beta_components(drawn(20000, 0.3), start, 200, 0, remarks);
  BOOST_TEST(remarks.empty());
  BOOST_TEST(std::abs(found.mean(0) - 0.2) < 0.01);
  BOOST_TEST(std::abs(found.mean(1) - 9.0 / 11) < 0.01);
  BOOST_TEST(std::abs(found.weight[0] - 0.3) < 0.01);
  BOOST_TEST(std::abs(found.alpha[0] - 2) < 0.2);
  BOOST_TEST(std::abs(found.beta[1] - 2) < 0.2);
}

BOOST_AUTO_TEST_CASE(one_round_matches_the_moments) {
  // By hand: at 0.2 and 0.8 the responsibilities of Beta(1, 2) and Beta(2, 1) are .8 and .2.
  FitRemarks remarks;
  const BetaComponents found = fit_beta_components({0.2, 0.8}, start, 1, 0, remarks);
  const double mean = 0.8 * 0.2 + 0.2 * 0.8, variance = 0.8 * std::pow(0.2 - mean, 2) + 0.2 * std::pow(0.8 - mean, 2);
  const double alpha = mean * (mean * (1 - mean) / variance - 1);
  BOOST_TEST(std::abs(found.alpha[0] - alpha) < 1e-12);
  BOOST_TEST(std::abs(found.beta[0] - alpha * (1 - mean) / mean) < 1e-12);
  BOOST_TEST(std::abs(found.alpha[1] - found.beta[0]) < 1e-12);
  BOOST_TEST(std::abs(found.weight[0] - 0.5) < 1e-15);
  const BetaComponents none = fit_beta_components({0.2, 0.8}, start, 0, 0, remarks);
  BOOST_TEST((none.alpha == start.alpha));
}

BOOST_AUTO_TEST_CASE(the_floor_counts_in_weighted_densities) {
  // Weighted densities at 0.2 are .8 and .2, at 0.8 the other way round; raised to 0.5 they are .8 and .5.
  FitRemarks remarks;
  const BetaComponents found = fit_beta_components({0.2, 0.8}, start, 1, 0.5, remarks);
  const double r = 0.8 / 1.3;
  const double mean = r * 0.2 + (1 - r) * 0.8;
  BOOST_TEST(std::abs(found.mean(0) - mean) < 1e-12);
}

BOOST_AUTO_TEST_CASE(equal_scores_are_guarded_and_told) {
  for (const double floor : {0.0, 1e-12})
    for (const std::vector<double>& scores : {std::vector<double>(50, 0.9999), std::vector<double>{0.3}}) {
      FitRemarks remarks;
      const BetaComponents found = fit_beta_components(scores, start, 10, floor, remarks);
      BOOST_TEST(remarks.size() == 2U);
      BOOST_TEST(remarks.front() ==
                 "the scores of the first component are all equal; their variance, 0, counts as 1e-12");
      for (std::size_t m = 0; m < 2; ++m) {
        BOOST_TEST(std::isfinite(found.alpha[m]));
        BOOST_TEST(found.alpha[m] > 0);
        BOOST_TEST(found.beta[m] > 0);
        BOOST_TEST(std::isfinite(found.posterior(m, scores.front())));
      }
      BOOST_TEST(std::abs(found.weight[0] + found.weight[1] - 1) < 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(a_component_without_scores_keeps_its_shape) {
  // So narrow that its density at 0.9 is too small for a double.
  const BetaComponents narrow{{1e6, 2}, {1e6, 1}, {0.5, 0.5}};
  FitRemarks remarks;
  const BetaComponents found = fit_beta_components({0.9, 0.95, 0.97}, narrow, 3, 0, remarks);
  BOOST_TEST(found.alpha[0] == 1e6);
  BOOST_TEST(found.weight[0] == 0);
  BOOST_TEST(found.weight[1] == 1);
  BOOST_TEST(remarks.size() == 1U);
  BOOST_TEST(remarks.front() == "no score belongs to the first component, which keeps its shape and has the weight 0");
  BOOST_TEST(found.posterior(1, 0.9) == 1);
  BOOST_TEST(found.posterior(0, 0.5) == 0);
}

BOOST_AUTO_TEST_CASE(a_table_of_posteriors_does_not_fall_behind_its_peak) {
  const BetaComponents mixture{{0.5, 3}, {2, 3}, {0.5, 0.5}};
  const std::vector<double> table = posterior_table(mixture, 1, 100);
  BOOST_TEST(table.size() == 100U);
  const double at = 1e-12 + 40 * ((1 - 2e-12) / 99);
  BOOST_TEST(std::abs(table[40] - mixture.posterior(1, at)) < 1e-9);
  BOOST_TEST(std::is_sorted(table.begin(), table.end()));
  // The posterior itself falls again towards 1, where the other component is infinitely dense… or the third power
  // rules.
  const BetaComponents falling{{1, 5}, {1, 5}, {0.5, 0.5}};
  const std::vector<double> flat = posterior_table(falling, 1, 11);
  BOOST_TEST(std::abs(flat[10] - falling.posterior(1, 0.5)) < 1e-9);
  BOOST_TEST(flat[5] == flat[10]);
  BOOST_TEST(flat[4] < flat[5]);
}

BOOST_AUTO_TEST_CASE(the_node_weighs_every_row_by_the_clean_component) {
  const std::vector<double> scores = drawn(500, 0.4);
  const torch::Tensor score = torch::tensor(scores, torch::kFloat64).to(torch::kFloat32).requires_grad_();
  const BetaMixture::Out out = fitted(score);
  BOOST_TEST(out.clean_component.value == 1);
  BOOST_TEST(!out.posterior.tensor.requires_grad());
  BOOST_TEST((out.posterior.tensor.scalar_type() == torch::kFloat32));
  const BetaComponents same{
      {out.alpha.tensor[0].item<double>(), out.alpha.tensor[1].item<double>()},
      {out.beta.tensor[0].item<double>(), out.beta.tensor[1].item<double>()},
      {out.weight.tensor[0].item<double>(), out.weight.tensor[1].item<double>()},
  };
  BOOST_TEST(std::abs(out.posterior.tensor[7].item<double>() - same.posterior(1, scores[7])) < 1e-5);
  // The clean component by its place or by its mean.
  for (const auto& [clean, component] :
       {std::pair(CleanComponent::first, 0.0), std::pair(CleanComponent::second, 1.0),
        std::pair(CleanComponent::larger_mean, 1.0), std::pair(CleanComponent::smaller_mean, 0.0)}) {
    BetaMixture::Params params;
    params.clean = clean;
    const BetaMixture::Out other = fitted(score, params);
    BOOST_TEST(other.clean_component.value == component);
    BOOST_TEST(close(other.posterior.tensor, component == 1 ? out.posterior.tensor : 1 - out.posterior.tensor, 1e-5));
  }
  // The start the other way round gives the same components in the other order.
  BetaMixture::Params turned;
  turned.alpha_init = {2, 1};
  turned.beta_init = {1, 2};
  const BetaMixture::Out other = fitted(score, turned);
  BOOST_TEST(other.clean_component.value == 0);
  BOOST_TEST(close(other.alpha.tensor.flip({0}), out.alpha.tensor));
  BOOST_TEST(close(other.posterior.tensor, out.posterior.tensor));
}

BOOST_AUTO_TEST_CASE(scores_are_kept_off_the_ends) {
  const BetaMixture::Out out = fitted(torch::tensor({0.0F, 1.0F, 0.2F, 0.9F, 0.7F, -1.0F, 2.0F}));
  BOOST_TEST(all_finite(out));
  const torch::Tensor posterior = out.posterior.tensor;
  BOOST_TEST(posterior[0].item<float>() == posterior[5].item<float>());
  BOOST_TEST(posterior[1].item<float>() == posterior[6].item<float>());
  BOOST_TEST(all_finite(fitted(torch::full({20}, 0.5F))));
  BOOST_TEST(all_finite(fitted(torch::tensor({1.0F}))));
  BOOST_TEST(all_finite(fitted(torch::tensor({0.0F, 1.0F}))));
}

BOOST_AUTO_TEST_CASE(covered_rows_are_fitted_and_all_rows_weighed) {
  const torch::Tensor score = torch::tensor(drawn(40, 0.5), torch::kFloat64);
  const torch::Tensor rows = torch::arange(40) < 25;
  const BetaMixture::Out part = fitted(score, {}, {}, Mask{rows});
  const BetaMixture::Out alone = fitted(score.narrow(0, 0, 25));
  BOOST_TEST(same_numbers(part.alpha.tensor, alone.alpha.tensor));
  BOOST_TEST(same_numbers(part.posterior.tensor.narrow(0, 0, 25), alone.posterior.tensor));
  BOOST_TEST(part.posterior.tensor.size(0) == 40);
  BOOST_TEST(fails_with("There is no score to fit a mixture to: no row is covered.",
                        [&] { fitted(score, {}, {}, Mask{torch::zeros({40}, torch::kBool)}); }));
  BOOST_TEST(fails_with("'rows' has 3 rows but 'score' has 40.", [&] {
    fitted(score, {}, {}, Mask{booleans({1, 1, 1})});
  }));
}

BOOST_AUTO_TEST_CASE(a_table_gets_the_posterior) {
  const torch::Tensor score = torch::tensor(drawn(200, 0.5), torch::kFloat64);
  const auto lookup = table(torch::zeros({10}));
  const BetaMixture::Out out = fitted(score, {}, {Write<Table>(*lookup)});
  const torch::Tensor entries = lookup->values();
  BOOST_TEST(entries[0].item<float>() < 0.01F);
  BOOST_TEST((entries.diff() >= 0).all().item<bool>());
  BOOST_TEST(entries[9].item<float>() > 0.9F);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_fitted_is_told) {
  BetaMixture::Params params;
  params.alpha_init = {1};
  BOOST_TEST(fails_with("'alpha_init' needs two numbers above 0, one for each component.",
                        [&] { fitted(torch::tensor({0.5F}), params); }));
  BOOST_TEST(fails_with("A score is not finite. The networks may have diverged; try a smaller learning rate.", [] {
    fitted(torch::tensor({0.5F, std::numeric_limits<float>::quiet_NaN()}));
  }));
}

BOOST_AUTO_TEST_SUITE_END()
