// What the kinds of optimizers share: the networks that they own, steps by given gradients, saved moments.
#pragma once

#include "graph/contract.hpp"
#include "nodes/network/network.hpp"
#include "nodes/update/loss_scaler.hpp"

namespace fergraph {

enum class LossScaling {
  automatic,  // where one of its networks computes in float16
  dynamic,
  none
};

template <>
struct Words<LossScaling> {
  static constexpr std::array<std::pair<std::string_view, LossScaling>, 3> all = {
      {{"auto", LossScaling::automatic}, {"dynamic", LossScaling::dynamic}, {"none", LossScaling::none}}};
};

/// A parameter whose gradient is undefined in a step is left alone by it, and its own count of steps stays: as in
/// LibTorch's optimizers.
class Optimizer : public fergraph::State {
 public:
  static constexpr std::string_view kind_name = "optimizer";

  struct Links {
    std::vector<Network*> of;
  };

  /// The parameters of all its networks, in a fixed order, and what messages call them: "0.conv1.weight", after the
  /// position of the network.
  const std::vector<torch::Tensor>& parameters() const { return parameters_; }
  const std::vector<std::string>& parameter_names() const { return names_; }

  /// A parameter or running statistic of its networks that is not finite, or "" where all are. Reads everything.
  std::string value_that_is_not_finite() const;

  /// Null where losses are not scaled.
  LossScaler* scaler() { return scaler_ ? &*scaler_ : nullptr; }

  /// Moves the parameters; one gradient per parameter, undefined where a loss does not reach it.
  void step(const std::vector<torch::Tensor>& gradients);

  /// The learning rate at the current clock.
  virtual double rate() const = 0;

  Blobs save() const override;
  void restore(const Blobs& blobs) override;

 protected:
  using Tensors = std::vector<torch::Tensor>;

  /// `moments` names what is kept per parameter, of its shape, zero at first.
  Optimizer(const Links& links, const StateScope& scope, const std::vector<std::string>& moments, LossScaling scaling);

  /// Moves parameters that have all made `steps` - 1 steps before this one; moments[k] belong to the k-th moment.
  virtual void move(const Tensors& parameters, const Tensors& gradients, const std::vector<Tensors>& moments,
                    std::int64_t steps) const = 0;

 private:
  std::string name_;
  std::vector<const Network*> networks_;
  Tensors parameters_;
  std::vector<std::string> names_;
  std::vector<Tensors> moments_;
  torch::Tensor steps_;  // int64 [parameters], on the host
  std::optional<LossScaler> scaler_;
  NamedTensors saved_;
};

}  // namespace fergraph
