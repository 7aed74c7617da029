// The clock of a run: where in its epochs and steps it is.
#pragma once

#include <cstdint>

namespace fergraph {

/// All count from 1. `step` counts within the epoch, `iteration` over the run; `epochs` and `steps` are the totals.
struct Clock {
  std::int64_t epoch = 1;
  std::int64_t epochs = 1;
  std::int64_t step = 1;
  std::int64_t steps = 1;
  std::int64_t iteration = 1;

  bool operator==(const Clock&) const = default;
};

}  // namespace fergraph
