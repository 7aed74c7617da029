#include "nodes/target/prototypes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fergraph {

Prototypes::Prototypes(const torch::Tensor& table, double momentum, bool normalize)
    : rows_(table.detach().to(torch::kCPU, torch::kFloat32).contiguous().clone()),
      kept_(static_cast<float>(momentum)),
      taken_(static_cast<float>(1 - momentum)),
      normalize_(normalize) {
  if (rows_.dim() != 2) throw std::runtime_error("A table of prototypes needs the axes [classes, features].");
}

void Prototypes::push(std::int64_t label, const float* feature) {
  if (label < 0 || label >= classes())
    throw std::runtime_error("There is no prototype for the class " + std::to_string(label) + ".");
  float* const row = rows_.data_ptr<float>() + label * width();
  float* const end = row + width();
  if (std::all_of(row, end, [](float number) { return number == 0; })) {
    std::copy(feature, feature + width(), row);
    return;
  }
  for (std::int64_t d = 0; d < width(); ++d) row[d] = kept_ * row[d] + taken_ * feature[d];
  if (!normalize_) return;
  const double squares = std::inner_product(row, end, row, 0.0);
  const float norm = std::max(static_cast<float>(std::sqrt(squares)), 1e-12F);
  for (float* number = row; number != end; ++number) *number /= norm;
}

float Prototypes::similarity(std::int64_t label, const float* feature) const {
  const float* const row = rows_.data_ptr<float>() + label * width();
  return static_cast<float>(std::inner_product(row, row + width(), feature, 0.0));
}

torch::Tensor host_features(const torch::Tensor& features, std::int64_t width) {
  if (features.size(1) != width)
    throw std::runtime_error("The features have " + std::to_string(features.size(1)) +
                             " numbers per row but the prototypes have " + std::to_string(width) + ".");
  return features.detach().to(torch::kCPU, torch::kFloat32).contiguous();
}

}  // namespace fergraph
