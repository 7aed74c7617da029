#include "nodes/target/prototypes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fergraph {

Prototypes::Prototypes(const torch::Tensor& table, const Rule& rule)
    : rows_(table.detach().to(torch::kCPU, torch::kFloat32).contiguous().clone()), rule_(rule) {
  if (rows_.dim() != 2) throw std::runtime_error("A table of prototypes needs the axes [classes, features].");
}

float* Prototypes::row(std::int64_t label) {
  if (label < 0 || label >= classes())
    throw std::runtime_error("There is no prototype for the class " + std::to_string(label) + ".");
  return rows_.data_ptr<float>() + label * width();
}

void Prototypes::push(std::int64_t label, const float* feature) {
  float* const numbers = row(label);
  float* const end = numbers + width();
  if (rule_.store_first && std::all_of(numbers, end, [](float number) { return number == 0; })) {
    std::copy(feature, feature + width(), numbers);
    return;
  }
  // As LibTorch does with numbers beside float32 tensors: rounded once, then float32 throughout.
  const auto kept = static_cast<float>(rule_.momentum), taken = static_cast<float>(1 - rule_.momentum);
  for (std::int64_t d = 0; d < width(); ++d) numbers[d] = kept * numbers[d] + taken * feature[d];
  normalise(numbers);
}

void Prototypes::average(std::int64_t label, const float* feature, float* counts) {
  float* const numbers = row(label);
  float& count = counts[label];
  for (std::int64_t d = 0; d < width(); ++d) numbers[d] = (numbers[d] * count + feature[d]) / (count + 1);
  count += 1;
  normalise(numbers);
}

void Prototypes::normalise(float* row) const {
  if (!rule_.normalize) return;
  float* const end = row + width();
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
