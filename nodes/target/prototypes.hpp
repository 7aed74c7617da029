// Prototypes of classes in feature space, on the host, moved by one feature at a time.
#pragma once

#include <torch/types.h>

namespace fergraph {

/// push(c, q): the first feature of a class becomes its prototype; later ones move it, S = momentum * S + (1 -
/// momentum)
/// * q, divided by its L2 norm where `normalize`. A prototype of zeros counts as not pushed yet.
class Prototypes {
 public:
  /// Takes a copy of `table` (float [C,D]).
  Prototypes(const torch::Tensor& table, double momentum, bool normalize);

  void push(std::int64_t label, const float* feature);
  /// Dot product with the prototype of a class.
  float similarity(std::int64_t label, const float* feature) const;
  std::int64_t classes() const { return rows_.size(0); }
  std::int64_t width() const { return rows_.size(1); }

  void write_to(torch::Tensor& table) const { table.copy_(rows_); }

 private:
  torch::Tensor rows_;  // float32 [C,D] on the host
  float kept_;
  float taken_;
  bool normalize_;
};

/// float32 [N,D] on the host, contiguous, without gradient; throws std::runtime_error where D is not `width`.
torch::Tensor host_features(const torch::Tensor& features, std::int64_t width);

}  // namespace fergraph
