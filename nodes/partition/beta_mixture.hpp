// Tells clean samples from noisy ones by two beta distributions of their scores.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/target/table.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// Which component is that of the clean samples: by its place, or by its mean.
enum class CleanComponent { first, second, larger_mean, smaller_mean };

template <>
struct Words<CleanComponent> {
  static constexpr std::array<std::pair<std::string_view, CleanComponent>, 4> all = {
      {{"first", CleanComponent::first},
       {"second", CleanComponent::second},
       {"larger_mean", CleanComponent::larger_mean},
       {"smaller_mean", CleanComponent::smaller_mean}}};
};

/// Fits a mixture of two beta distributions to the scores of a whole set by expectation maximisation (see
/// fit_beta_components; Zhang et al., ReSup, 2023, eqs. 3 to 5), on the host and in double precision. Detached from the
/// gradient. Throws std::runtime_error where there is no score, for a score that is not finite, and for initial values
/// that are not two positive numbers each.
struct BetaMixture {
  struct In {
    Score score;
    std::optional<Mask> rows;
  };
  struct Out {
    Numbers alpha;
    Numbers beta;
    Numbers weight;
    Number clean_component;
    Weights posterior;
  };
  struct Params {
    std::vector<double> alpha_init = {1, 2};
    std::vector<double> beta_init = {2, 1};
    std::vector<double> mixing_init = {0.5, 0.5};
    std::int64_t iterations = 10;
    double clip = 1e-4;
    double floor = 0;
    CleanComponent clean = CleanComponent::larger_mean;
  };
  struct State {
    std::optional<Write<Table>> lookup;
  };
  static Contract<BetaMixture> contract();
  Out run(const In& in, const Params& params, const State& states, const Context& context) const;
};

}  // namespace fergraph
