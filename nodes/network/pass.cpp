#include "nodes/network/pass.hpp"

#include <ATen/core/grad_mode.h>

#include "graph/not_finite.hpp"

namespace fergraph {
namespace {

using Tensors = std::vector<torch::Tensor>;

torch::Tensor mean_of(const Tensors& tensors) {
  torch::Tensor sum = tensors.front();
  for (std::size_t i = 1; i < tensors.size(); ++i) sum = sum + tensors[i];
  return tensors.size() == 1 ? sum : sum / static_cast<double>(tensors.size());
}

// The argmax of NaN is a class like any other: a network that has diverged would still reach an accuracy.
void expect_finite(const torch::Tensor& logits, std::size_t net, std::size_t nets, const Tensors& index) {
  const torch::Tensor finite = logits.isfinite().all(1);
  if (finite.all().item<bool>()) return;
  const torch::Tensor rows = finite.logical_not().nonzero().flatten();
  const torch::Tensor first = index.empty() ? rows[0] : torch::cat(index)[rows[0].item<std::int64_t>()];
  throw NotFinite("The logits of " + (nets > 1 ? "network " + std::to_string(net + 1) + " of 'nets'" : "the network") +
                      " are not finite for " + std::to_string(rows.size(0)) + " of " + std::to_string(logits.size(0)) +
                      " samples, first for sample " + std::to_string(first.item<std::int64_t>()) + ".",
                  /*lasts=*/true);
}

}  // namespace

Contract<Pass> Pass::contract() {
  return Contract<Pass>("pass", "runs a whole stream through networks in eval mode")
      .details(
          "For the epoch sections. The pass has its own cursor: it does not disturb the batches of the steps. With "
          "several networks, logits and probs are means over them, and `node.probs[0]` is the first one's. "
          "Logits that are NaN or infinite stop the run.")
      .in(&In::images, "images", "uint8 [N,H,W,3]", "the item of a stream that is read from beginning to end")
      .out(&Out::logits, "logits", "float [N,C]", "mean of the networks' logits")
      .parts(&Out::logits_parts, "logits", "nets")
      .out(&Out::probs, "probs", "float [N,C]", "mean of the networks' softmaxes")
      .parts(&Out::probs_parts, "probs", "nets")
      .out(&Out::features, "features", "float [N,D]", "features of the first network")
      .out(&Out::labels, "labels", "int64 [N]", "classes, where the stream has an item `label`")
      .out(&Out::truth, "truth", "int64 [N]", "true classes to measure with, where the stream has an item `truth`")
      .out(&Out::index, "index", "int64 [N]", "sample indices, where the stream has an item `index`")
      .param(&Params::last, "last", "whether a last batch that is not full counts")
      .param(&Params::order, "order", "order of the samples")
      .state(&State::nets, "nets", "the networks");
}

Pass::Out Pass::run(const In& in, const Params& params, const State& states, const Context& context) const {
  const at::NoGradGuard no_grad;
  const std::size_t nets = states.nets.size();
  if (nets == 0) throw std::runtime_error("A pass needs at least one network in 'nets'.");
  std::vector<Tensors> logits(nets);
  Tensors features, labels, truth, index;

  FeedRequest request;
  request.section = context.section;
  request.reader = std::string(context.node);
  request.clock = context.clock;
  request.order = params.order;
  request.last = params.last;
  in.images.for_each(request, [&](const Images& images, const Batch& batch) {
    if (context.stop.stop_requested()) throw Cancelled();
    for (std::size_t i = 0; i < nets; ++i) {
      NetworkOutput result = states.nets[i]->eval_forward(images.tensor);
      logits[i].push_back(std::move(result.logits));
      if (i == 0) features.push_back(std::move(result.features));
    }
    if (const Labels* given = batch.find<Labels>("label")) labels.push_back(given->tensor);
    if (const Labels* clean = batch.find<Labels>("truth")) truth.push_back(clean->tensor);
    if (const Index* samples = batch.find<Index>("index")) index.push_back(samples->tensor);
  });
  if (features.empty())
    throw std::runtime_error(
        "The pass met no batch: the stream is empty, or shorter than one batch with 'last: drop'.");

  Out out;
  Tensors all_logits, all_probs;
  for (const Tensors& each : logits) {
    all_logits.push_back(torch::cat(each));
    expect_finite(all_logits.back(), all_logits.size() - 1, nets, index);
    all_probs.push_back(torch::softmax(all_logits.back(), 1));
    out.logits_parts.push_back({all_logits.back()});
    out.probs_parts.push_back({all_probs.back()});
  }
  out.logits.tensor = mean_of(all_logits);
  out.probs.tensor = mean_of(all_probs);
  out.features.tensor = torch::cat(features);
  if (!labels.empty()) out.labels = Labels{torch::cat(labels)};
  if (!truth.empty()) out.truth = Labels{torch::cat(truth)};
  if (!index.empty()) out.index = Index{torch::cat(index)};
  return out;
}

}  // namespace fergraph
