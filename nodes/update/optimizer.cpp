#include "nodes/update/optimizer.hpp"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <map>

namespace fergraph {

Optimizer::Optimizer(const Links& links, const StateScope& scope, const std::vector<std::string>& moments,
                     LossScaling scaling)
    : name_(scope.name()), networks_(links.of.begin(), links.of.end()), moments_(moments.size()) {
  for (std::size_t i = 0; i < links.of.size(); ++i) {
    for (const auto& [name, tensor] : links.of[i]->parameters()) {
      names_.push_back(std::to_string(i) + "." + name);
      parameters_.push_back(tensor);
    }
  }
  steps_ = torch::zeros({static_cast<std::int64_t>(parameters_.size())}, torch::kInt64);
  saved_.emplace_back("steps", steps_);
  for (std::size_t k = 0; k < moments.size(); ++k) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      moments_[k].push_back(torch::zeros_like(parameters_[i].detach(), torch::MemoryFormat::Preserve));
      saved_.emplace_back(names_[i] + "." + moments[k], moments_[k].back());
    }
  }
  const bool half = std::any_of(networks_.begin(), networks_.end(),
                                [](const Network* net) { return net->precision() == Precision::fp16; });
  if (scaling == LossScaling::dynamic || (scaling == LossScaling::automatic && half)) {
    scaler_.emplace();
    for (const auto& entry : scaler_->saved()) saved_.push_back(entry);
  }
}

std::string Optimizer::value_that_is_not_finite() const {
  for (std::size_t i = 0; i < networks_.size(); ++i)
    for (const NamedTensors* tensors : {&networks_[i]->parameters(), &networks_[i]->buffers()})
      for (const auto& [name, tensor] : *tensors)
        if (tensor.is_floating_point() && !tensor.detach().isfinite().all().item<bool>())
          return std::to_string(i) + "." + name;
  return {};
}

void Optimizer::step(const std::vector<torch::Tensor>& gradients) {
  const at::NoGradGuard no_grad;
  // Parameters with the same number of steps move together: usually all of them.
  std::map<std::int64_t, std::vector<std::size_t>> by_steps;
  std::int64_t* const steps = steps_.data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (gradients[i].defined()) by_steps[++steps[i]].push_back(i);
  for (const auto& [count, members] : by_steps) {
    Tensors moved, by;
    std::vector<Tensors> moments(moments_.size());
    for (const std::size_t i : members) {
      moved.push_back(parameters_[i]);
      by.push_back(gradients[i]);
      for (std::size_t k = 0; k < moments.size(); ++k) moments[k].push_back(moments_[k][i]);
    }
    move(moved, by, moments, count);
  }
}

Blobs Optimizer::save() const { return blobs_of(saved_); }

void Optimizer::restore(const Blobs& blobs) { restore_tensors("The optimizer '" + name_ + "'", saved_, blobs); }

}  // namespace fergraph
