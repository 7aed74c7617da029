#include "nodes/partition/beta_mixture.hpp"

#include <ATen/core/grad_mode.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "nodes/partition/beta_components.hpp"
#include "nodes/sizes.hpp"

namespace fergraph {
namespace {

std::array<double, 2> pair_of(const std::vector<double>& numbers, const std::string& name) {
  if (numbers.size() != 2 || !(numbers[0] > 0) || !(numbers[1] > 0))
    throw std::runtime_error("'" + name + "' needs two numbers above 0, one for each component.");
  return {numbers[0], numbers[1]};
}

// Of equal means the first.
std::size_t clean_of(const BetaComponents& mixture, CleanComponent clean) {
  switch (clean) {
    case CleanComponent::first:
      return 0;
    case CleanComponent::second:
      return 1;
    case CleanComponent::larger_mean:
      return mixture.mean(1) > mixture.mean(0) ? 1 : 0;
    case CleanComponent::smaller_mean:
      return mixture.mean(1) < mixture.mean(0) ? 1 : 0;
  }
  return 0;
}

// float64 on the host, within [clip, 1-clip].
std::vector<double> clipped(const torch::Tensor& score, double clip) {
  const torch::Tensor host = score.to(torch::kCPU, torch::kFloat64).contiguous();
  std::vector<double> numbers(host.data_ptr<double>(), host.data_ptr<double>() + host.numel());
  for (double& number : numbers) {
    if (!std::isfinite(number))
      throw std::runtime_error("A score is not finite. The networks may have diverged; try a smaller learning rate.");
    number = std::clamp(number, clip, 1 - clip);
  }
  return numbers;
}

torch::Tensor numbers(const std::array<double, 2>& pair) { return torch::tensor({pair[0], pair[1]}, torch::kFloat64); }

}  // namespace

Contract<BetaMixture> BetaMixture::contract() {
  return Contract<BetaMixture>("beta_mixture",
                               "fits two beta distributions to scores and tells how likely each row is clean")
      .details(
          "Expectation maximisation on the host in double precision, with moments matched in the M-step. Equal scores, "
          "whose variance is 0, are told in the log. The outputs carry no gradient.")
      .in(&In::score, "score", "float [N]", "in 0..1, such as the similarity of each row's distribution to its label")
      .in(&In::rows, "rows", "bool [N]", "the rows that are fitted to; all without it")
      .out(&Out::alpha, "alpha", "float64 [2]", "of both components")
      .out(&Out::beta, "beta", "float64 [2]", "of both components")
      .out(&Out::weight, "weight", "float64 [2]", "mixing weights, whose sum is 1")
      .out(&Out::clean_component, "clean_component", "float []", "0 or 1")
      .out(&Out::posterior, "posterior", "float [N]", "probability of the clean component for every row")
      .param(&Params::alpha_init, "alpha_init", "alpha of both components at the start", above(0))
      .param(&Params::beta_init, "beta_init", "beta of both components at the start", above(0))
      .param(&Params::mixing_init, "mixing_init", "mixing weights at the start", above(0))
      .param(&Params::iterations, "iterations", "rounds of expectation and maximisation", at_least(0))
      .param(&Params::clip, "clip", "scores are kept between this and 1 less this", above(0), in_range(0, 0.5))
      .param(&Params::floor, "floor", "least weighted density in the E-step; 0 for none", at_least(0))
      .param(&Params::clean, "clean", "which component is that of the clean rows")
      .state(
          &State::lookup, "lookup",
          "table with one axis, which gets the posterior at equally spaced scores, without its fall behind the peak");
}

BetaMixture::Out BetaMixture::run(const In& in, const Params& params, const State& states,
                                  const Context& context) const {
  const at::NoGradGuard no_grad;
  const torch::Tensor score = in.score.tensor.detach();
  torch::Tensor fitted = score;
  if (in.rows) {
    expect_rows("rows", in.rows->tensor, "score", score.size(0));
    fitted = score.masked_select(in.rows->tensor.to(score.device()));
  }
  if (fitted.numel() == 0) throw std::runtime_error("There is no score to fit a mixture to: no row is covered.");
  const BetaComponents start{pair_of(params.alpha_init, "alpha_init"), pair_of(params.beta_init, "beta_init"),
                             pair_of(params.mixing_init, "mixing_init")};
  FitRemarks remarks;
  const BetaComponents mixture =
      fit_beta_components(clipped(fitted, params.clip), start, params.iterations, params.floor, remarks);
  for (const std::string& remark : remarks)
    spdlog::warn("{}, epoch {}: {}.", context.node, context.clock.epoch, remark);

  const std::size_t clean = clean_of(mixture, params.clean);
  std::vector<double> posterior = clipped(score, params.clip);
  for (double& each : posterior) each = mixture.posterior(clean, each);
  if (states.lookup) {
    torch::Tensor& table = (*states.lookup)->values();
    const std::vector<double> entries = posterior_table(mixture, clean, table.numel());
    table.copy_(torch::tensor(entries, torch::kFloat64).reshape(table.sizes()));
  }
  return {{numbers(mixture.alpha)},
          {numbers(mixture.beta)},
          {numbers(mixture.weight)},
          {static_cast<double>(clean)},
          {torch::tensor(posterior, torch::kFloat64).to(score.options())}};
}

}  // namespace fergraph
