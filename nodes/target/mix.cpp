#include "nodes/target/mix.hpp"

#include <ATen/core/grad_mode.h>

namespace fergraph {
namespace {

// The mixture in one piece and in parts of the entries' sizes.
template <class T>
std::pair<T, std::vector<T>> mixed(const std::vector<torch::Tensor>& entries, double lambda,
                                   const torch::Tensor& perm) {
  const torch::Tensor all = torch::cat(entries);
  if (perm.size(0) != all.size(0))
    throw std::runtime_error("The order has " + std::to_string(perm.size(0)) + " rows but the batches have " +
                             std::to_string(all.size(0)) + ".");
  const torch::Tensor whole = all * lambda + all.index_select(0, perm) * (1 - lambda);
  std::vector<T> parts;
  std::int64_t begin = 0;
  for (const torch::Tensor& entry : entries) {
    parts.push_back({whole.narrow(0, begin, entry.size(0))});
    begin += entry.size(0);
  }
  return {T{whole}, std::move(parts)};
}

}  // namespace

Contract<Mix> Mix::contract() {
  return Contract<Mix>("mix", "mixes batches with themselves in another order, images and targets")
      .in(&In::images, "images", "uint8 [N*,H,W,3]", "pixels, which the network normalises, or normalised images")
      .in(&In::targets, "targets", "int64 [N*] or float [N*,C]", "targets of the same rows; labels count as one-hot")
      .in(&In::lambda, "lambda", "float []", "share of the rows themselves")
      .in(&In::perm, "perm", "int64 [N*]", "the order of the rows that are mixed in")
      .out(&Out::images, "images", "float [N*,3,H,W]", "mixed, normalised images")
      .parts(&Out::images_parts, "images", "images")
      .out(&Out::targets, "targets", "float [N*,C]", "mixed targets")
      .parts(&Out::targets_parts, "targets", "targets")
      .state(&State::net, "net", "the network that the images are for");
}

Mix::Out Mix::run(const In& in, const State& states) const {
  const at::NoGradGuard no_grad;
  const torch::Device device = states.net->device();
  const torch::Tensor perm = in.perm.tensor.to(device);
  std::vector<torch::Tensor> images, targets;
  for (const Images& each : in.images) images.push_back(states.net->normalise(each.tensor));
  for (const auto& each : in.targets) {
    if (const Labels* labels = std::get_if<Labels>(&each)) {
      const torch::Tensor classes = torch::arange(states.net->classes(), torch::kInt64).to(device);
      targets.push_back((labels->tensor.to(device).unsqueeze(1) == classes).to(torch::kFloat32));
    } else {
      targets.push_back(std::get<Targets>(each).tensor.to(device, torch::kFloat32));
    }
  }
  Out out;
  std::tie(out.images, out.images_parts) = mixed<Images>(images, in.lambda.value, perm);
  std::tie(out.targets, out.targets_parts) = mixed<Targets>(targets, in.lambda.value, perm);
  return out;
}

}  // namespace fergraph
