#include "nodes/partition/smallest.hpp"

namespace fergraph {

Contract<Smallest> Smallest::contract() {
  return Contract<Smallest>("smallest", "keeps the rows with the smallest scores")
      .details("Of equal scores the first rows are kept. The outputs carry no gradient.")
      .in(&In::score, "score", "float [N]", "what is compared, such as a loss of each row")
      .out(&Out::kept, "kept", "bool [N]", "the rows that are kept")
      .out(&Out::ratio, "ratio", "float []", "the share that was asked for")
      .out(&Out::count, "count", "float []", "the number of rows that are kept")
      .param(&Params::keep, "keep", "share of the rows; may be a formula over the clock", in_range(0, 1))
      .param(&Params::rounding, "rounding", "of share times rows, with a tolerance of 1e-9");
}

Smallest::Out Smallest::run(const In& in, const Params& params) const {
  const SmallestRows found = smallest_rows(in.score.tensor, params);
  return {{found.kept}, {params.keep}, {static_cast<double>(found.count)}};
}

}  // namespace fergraph
