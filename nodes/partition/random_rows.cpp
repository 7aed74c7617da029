#include "nodes/partition/random_rows.hpp"

#include <algorithm>
#include <stdexcept>

namespace fergraph {

Contract<RandomRows> RandomRows::contract() {
  return Contract<RandomRows>("random_rows", "covers each row with the probability of its class")
      .details("Rows without a label (-1) are never covered.")
      .in(&In::labels, "labels", "int64 [N]", "classes, -1 for unknown")
      .out(&Out::rows, "rows", "bool [N]", "the rows that were drawn")
      .param(&Params::share, "share", "probability from 0 to 1: one for each class, in their order, or one for all");
}

RandomRows::Out RandomRows::run(const In& in, const Params& params, const Context& context) const {
  for (const double share : params.share)
    if (!(share >= 0 && share <= 1))
      throw std::runtime_error("'share' holds probabilities from 0 to 1, and " + std::to_string(share) + " is none.");
  const torch::Tensor labels = in.labels.tensor.to(torch::kCPU).contiguous();
  const auto shares = static_cast<std::int64_t>(params.share.size());
  torch::Tensor rows = torch::zeros({labels.size(0)}, torch::kBool);
  Random random = context.random();
  for (std::int64_t n = 0; n < labels.size(0); ++n) {
    const std::int64_t label = labels.data_ptr<std::int64_t>()[n];
    const double drawn = random.uniform();  // for every row, so that a row's draw depends on its position alone
    if (label < 0) continue;
    if (shares != 1 && label >= shares)
      throw std::runtime_error("'share' has " + std::to_string(shares) + " probabilities, but a row is of class " +
                               std::to_string(label) + ", counted from 0. Give one for each class, or one for all.");
    rows.data_ptr<bool>()[n] = drawn < params.share[static_cast<std::size_t>(shares == 1 ? 0 : label)];
  }
  return {{rows.to(in.labels.tensor.device())}};
}

}  // namespace fergraph
