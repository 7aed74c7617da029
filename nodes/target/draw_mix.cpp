#include "nodes/target/draw_mix.hpp"

#include <algorithm>
#include <cmath>

namespace fergraph {
namespace {

// The logarithm of a Gamma(shape, 1) draw: small shapes give numbers below the smallest double.
double draw_log_gamma(Random& random, double shape) {
  if (shape < 1) {
    const double boosted = draw_log_gamma(random, shape + 1);
    return boosted + std::log(1 - random.uniform()) / shape;
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = random.normal();
    const double root = 1.0 + c * x;
    const double u = 1 - random.uniform();
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return std::log(d) + std::log(v);
  }
}

}  // namespace

double draw_beta(Random& random, double a, double b) {
  const double x = draw_log_gamma(random, a);
  const double y = draw_log_gamma(random, b);
  return 1.0 / (1.0 + std::exp(y - x));
}

Contract<DrawMix> DrawMix::contract() {
  return Contract<DrawMix>("draw_mix", "draws the share and the order by which a batch is mixed with itself")
      .in(&In::images, "images", "uint8 [N*,H,W,3]", "the batches that will be mixed; only their sizes count")
      .out(&Out::lambda, "lambda", "float []", "max(l, 1-l), l ~ Beta(alpha, alpha)")
      .out(&Out::perm, "perm", "int64 [N*]", "an order of all rows of all batches")
      .param(&Params::alpha, "alpha", "of the beta distribution", above(0));
}

DrawMix::Out DrawMix::run(const In& in, const Params& params, const Context& context) const {
  Random random = context.random();
  const double share = draw_beta(random, params.alpha, params.alpha);
  std::int64_t rows = 0;
  for (const Images& images : in.images) rows += images.tensor.size(0);
  return {{std::max(share, 1 - share)}, {torch::tensor(random.permutation(rows), torch::kInt64)}};
}

}  // namespace fergraph
