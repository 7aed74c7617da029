// Prototypes of classes in feature space, on the host, moved by one feature at a time.
#pragma once

#include <torch/types.h>

namespace fergraph {

class Prototypes {
 public:
  struct Rule {
    double momentum = 0.99;
    bool normalize = true;    // divide by the L2 norm after each move
    bool store_first = true;  // a prototype of zeros becomes the feature itself
  };

  /// Takes a copy of `table` (float [C,D]).
  Prototypes(const torch::Tensor& table, const Rule& rule);

  /// S = momentum * S + (1 - momentum) * q.
  void push(std::int64_t label, const float* feature);
  /// S = (S * count + q) / (count + 1), and the class's count (of float [C]) grows by 1: with a count of 0 the feature
  /// takes the prototype's place.
  void average(std::int64_t label, const float* feature, float* counts);
  /// Dot product with the prototype of a class.
  float similarity(std::int64_t label, const float* feature) const;
  std::int64_t classes() const { return rows_.size(0); }
  std::int64_t width() const { return rows_.size(1); }

  void write_to(torch::Tensor& table) const { table.copy_(rows_); }

 private:
  float* row(std::int64_t label);
  void normalise(float* row) const;

  torch::Tensor rows_;  // float32 [C,D] on the host
  Rule rule_;
};

/// float32 [N,D] on the host, contiguous, without gradient; throws std::runtime_error where D is not `width`.
torch::Tensor host_features(const torch::Tensor& features, std::int64_t width);

}  // namespace fergraph
