// What the engine costs in a training step: tinynet's Ada-CM (pipelines/methods/ada-cm.yaml, 16 labeled and 16
// unlabeled faces of 32x32) beside the same LibTorch calls written by hand in one function, on an equal network and
// optimizer. Batches are made before, so that data costs nothing. Every step of the engine is followed by one by hand;
// printed are the medians and the median of the ratios of such pairs.
//
//   bench_ada_cm_step [pairs=400] [pipeline=pipelines/methods/ada-cm.yaml] [lanes=1]
#include <torch/autograd.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "bench/made_feeds.hpp"
#include "graph/document.hpp"
#include "graph/run.hpp"
#include "nodes/network/network.hpp"
#include "nodes/register.hpp"
#include "nodes/target/table.hpp"
#include "nodes/update/adam.hpp"
#include "nodes/values.hpp"

namespace {

using namespace fergraph;
using bench::MadeFeeds;
using bench::Pictures;
using SteadyClock = std::chrono::steady_clock;

constexpr std::int64_t rows = 16;
constexpr std::size_t different = 8;
constexpr std::int64_t warm_up = 40;

torch::Tensor unit_rows(const torch::Tensor& features) { return features / features.norm(2, 1, true).clamp_min(1e-12); }

// The whole step by hand.
void step_by_hand(const Pictures& batch, const Network& net, Adam& adam, const torch::Tensor& margin) {
  const Random draws(1, 1, 1);  // dropout is off
  const torch::Tensor seen = net.train_forward(batch.weak, NormMode::update, draws).logits;
  const NetworkOutput a = net.train_forward(batch.weak_a, NormMode::update, draws);
  const NetworkOutput b = net.train_forward(batch.weak_b, NormMode::update, draws);
  const torch::Tensor strong = net.train_forward(batch.strong, NormMode::update, draws).logits;

  const torch::Tensor mean = (torch::softmax(a.logits.detach(), 1) + torch::softmax(b.logits.detach(), 1)) / 2;
  const torch::Tensor score = mean.amax(1);
  const torch::Tensor label = mean.argmax(1);
  const torch::Tensor above = score >= margin.index_select(0, label);
  const torch::Tensor below = above.logical_not();

  const torch::Tensor supervised =
      torch::nll_loss(torch::log_softmax(seen, 1), batch.label, {}, at::Reduction::None).mean();
  const torch::Tensor each = torch::nll_loss(torch::log_softmax(strong, 1), label, {}, at::Reduction::None);
  const torch::Tensor covered = above.to(each.options());
  const torch::Tensor pseudo = (each * covered).sum() / covered.sum().clamp_min(1);

  const torch::Tensor chosen = below.nonzero().squeeze(1);
  const torch::Tensor fa = a.features.index_select(0, chosen);
  const torch::Tensor fb = b.features.index_select(0, chosen);
  const std::int64_t n = fa.size(0);
  torch::Tensor contrast = (fa.sum() + fb.sum()) * 0;
  if (n > 0) {
    const torch::Tensor all = unit_rows(torch::cat({fa, fb}));
    const torch::Tensor self = torch::eye(n, 2 * n, all.options().dtype(torch::kBool));
    const torch::Tensor scores =
        (all.narrow(0, 0, n).mm(all.t()) / 0.07).masked_fill(self, -std::numeric_limits<double>::infinity());
    contrast = torch::nll_loss(torch::log_softmax(scores, 1), torch::arange(n, 2 * n, torch::kInt64));
  }
  const torch::Tensor total = supervised * 0.5 + pseudo * 1.0 + contrast * 0.1;
  adam.step(torch::autograd::grad({total}, adam.parameters(), {}, false, false, true));
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t pairs = argc > 1 ? std::atoll(argv[1]) : 400;
  Registry registry;
  register_nodes(registry);
  LoadOptions load;
  load.file = argc > 2 ? argv[2] : FERGRAPH_SOURCE_DIR "/pipelines/methods/ada-cm.yaml";
  load.settings = {"epochs=1", "steps=" + std::to_string(warm_up + pairs + 1), "dropout=0", "lr=1e-3"};
  const Document document = load_document(load);

  const std::vector<Pictures> pictures = bench::make_pictures(different, rows, 32);
  MadeFeeds quiet(pictures, nullptr);
  RunOptions options;
  options.lanes = argc > 3 ? std::atoi(argv[3]) : 1;
  options.feeds = &quiet;
  // Its states are those of the steps by hand.
  Run hand(check_pipeline(document, registry), options);
  const auto& net = dynamic_cast<const Network&>(*hand.state("net"));
  auto& adam = dynamic_cast<Adam&>(*hand.state("adam"));
  const torch::Tensor margin = dynamic_cast<const Table&>(*hand.state("margin")).values();

  // The engine asks for the labeled batch at the start of each step: there one step ends and the next begins.
  std::vector<double> engine_times, hand_times, ratios;
  std::int64_t step = 0;
  SteadyClock::time_point engine_begin;
  const auto since = [](SteadyClock::time_point begin) {
    return std::chrono::duration<double, std::micro>(SteadyClock::now() - begin).count();
  };
  MadeFeeds timed(pictures, [&] {
    const double engine = step > 0 ? since(engine_begin) : 0;
    if (step > 0) {
      const SteadyClock::time_point begin = SteadyClock::now();
      step_by_hand(pictures[static_cast<std::size_t>(step - 1) % different], net, adam, margin);
      const double by_hand = since(begin);
      if (step > warm_up) {
        engine_times.push_back(engine);
        hand_times.push_back(by_hand);
        ratios.push_back(engine / by_hand);
      }
    }
    ++step;
    engine_begin = SteadyClock::now();
  });
  options.feeds = &timed;
  Run run(check_pipeline(document, registry), options);
  run.train();

  // Both did the same: one step is still to be made by hand.
  step_by_hand(pictures[static_cast<std::size_t>(step - 1) % different], net, adam, margin);
  double difference = 0;
  const auto& other = dynamic_cast<const Network&>(*run.state("net"));
  for (std::size_t i = 0; i < net.parameters().size(); ++i)
    difference =
        std::max(difference, (net.parameters()[i].second - other.parameters()[i].second).abs().max().item<double>());
  std::printf("engine %.0f us, by hand %.0f us, engine/hand ratio %.4f (median of %zu pairs)\n", median(engine_times),
              median(hand_times), median(ratios), ratios.size());
  std::printf("largest difference of the weights afterwards: %g\n", difference);
  return 0;
}
