#include "nodes/measure/selection_counts.hpp"

#include <stdexcept>

namespace fergraph {

std::int64_t classes_of_counts(const Table& counts) {
  const torch::Tensor& values = counts.values();
  if (values.dim() != 3 || values.size(1) != 2 || values.size(2) != outcomes || values.scalar_type() != torch::kInt64)
    throw std::runtime_error(
        "The table in 'counts' cannot hold counts of selected rows. Make it {kind: table, axes: [classes, 2, 3], "
        "dtype: int64}.");
  return values.size(0);
}

}  // namespace fergraph
