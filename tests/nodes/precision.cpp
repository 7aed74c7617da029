// What does not change the values that a network keeps: the precision it computes in, the order of its memory, and how
// several views go through it.
#include <ATen/autocast_mode.h>
#include <torch/autograd.h>
#include <boost/test/unit_test.hpp>

#include "nodes/network/forward.hpp"
#include "nodes/update/ema.hpp"
#include "nodes/update/optimize.hpp"
#include "nodes/update/sgd.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

std::unique_ptr<Network> network(BackboneName backbone, Precision precision, MapLayout layout = MapLayout::contiguous) {
  Network::Params params;
  params.classes = 7;
  params.backbone = backbone;
  params.precision = precision;
  params.memory_format = layout;
  return std::make_unique<Network>(params, Network::Links{}, Scope("net"));
}

// Logits in train mode, and the gradient of their squares.
struct Trained {
  torch::Tensor logits;
  std::vector<torch::Tensor> gradients;
};

Trained trained(const Network& net, const torch::Tensor& images) {
  Trained out;
  out.logits = net.train_forward(images, NormMode::update, Random(1, 1, 1)).logits;
  std::vector<torch::Tensor> parameters;
  for (const auto& [name, tensor] : net.parameters()) parameters.push_back(tensor);
  out.gradients = torch::autograd::grad({torch::softmax(out.logits, 1).square().sum()}, parameters);
  return out;
}

// |a - b| / |a| over all.
double apart(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]).square().sum().item<double>();
    size += a[i].square().sum().item<double>();
  }
  return std::sqrt(difference / size);
}

Forward::Out forward(Network& net, const std::vector<Images>& images, const Forward::Params& params) {
  return Forward().run({images}, params, {Use<Network>(net)}, context());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(precision)

BOOST_AUTO_TEST_CASE(bf16_computes_what_float32_does_within_its_digits) {
  for (const BackboneName backbone : {BackboneName::tinynet, BackboneName::resnet18}) {
    const auto full = network(backbone, Precision::float32), lower = network(backbone, Precision::bf16);
    const torch::Tensor images = pixels(8, 0, 32);
    const Trained a = trained(*full, images), b = trained(*lower, images);
    BOOST_TEST(!same_numbers(a.logits, b.logits));
    // bf16 has 8 bits; the statistics of eight values, as at the end of resnet18 here, blow their rounding up.
    const bool shallow = backbone == BackboneName::tinynet;
    BOOST_TEST(apart({a.logits}, {b.logits}) < (shallow ? 0.05 : 0.2));
    BOOST_TEST(apart(a.gradients, b.gradients) < (shallow ? 0.3 : 0.8));
    // Values, gradients, outputs and statistics are float32; nothing of the mode stays behind.
    for (const torch::Tensor& gradient : b.gradients) BOOST_TEST((gradient.scalar_type() == torch::kFloat32));
    const NetworkOutput out = lower->eval_forward(images);
    for (const torch::Tensor& each : {out.logits, out.features, out.maps, find(lower->parameters(), "conv1.weight"),
                                      find(lower->buffers(), "bn1.running_var")})
      BOOST_TEST((each.scalar_type() == torch::kFloat32));
    BOOST_TEST(close(find(full->buffers(), "bn1.running_var"), find(lower->buffers(), "bn1.running_var"), 0.02));
    BOOST_TEST((torch::mm(torch::ones({2, 2}), torch::ones({2, 2})).scalar_type() == torch::kFloat32));
  }
}

BOOST_AUTO_TEST_CASE(bf16_trains_and_its_averages_are_float32) {
  const auto net = network(BackboneName::tinynet, Precision::bf16);
  const auto teacher = copy_of(*net);
  BOOST_TEST((teacher->precision() == Precision::bf16));
  Sgd::Params params;
  params.lr = 0.1;
  Sgd sgd(params, {{net.get()}}, Scope("sgd"));
  const auto loss = [&] {
    const torch::Tensor logits = net->train_forward(pixels(7), NormMode::update, Random(1, 1, 1)).logits;
    return torch::nll_loss(torch::log_softmax(logits, 1), torch::arange(7));
  };
  const double before = loss().item<double>();
  for (int step = 0; step < 20; ++step) Optimize().run({{Loss{loss()}}}, {}, {{Write<Optimizer>(sgd)}});
  BOOST_TEST(loss().item<double>() < before / 2);
  BOOST_TEST(sgd.scaler() == nullptr);
  // A step of the average far below the digits of bf16 is not lost.
  Ema::Params ema;
  ema.decay = 0.99999;
  const torch::Tensor old = find(teacher->parameters(), "fc.weight").detach().clone();
  Ema().run(ema, {Read<Network>(*net), Write<Network>(*teacher)});
  const torch::Tensor moved = find(teacher->parameters(), "fc.weight").detach() - old;
  BOOST_TEST(moved.abs().max().item<double>() > 0);
  BOOST_TEST(moved.abs().max().item<double>() < 1e-4);
}

BOOST_AUTO_TEST_CASE(fp16_needs_a_gpu) {
  BOOST_TEST(
      fails_with("A network cannot compute in fp16 on a CPU. Set its 'precision' to bf16, or run with --device cuda.",
                 [] { network(BackboneName::tinynet, Precision::fp16); }));
}

BOOST_AUTO_TEST_CASE(the_order_of_memory_changes_no_result) {
  for (const BackboneName backbone : {BackboneName::tinynet, BackboneName::resnet18}) {
    const auto plain = network(backbone, Precision::float32);
    const auto last = network(backbone, Precision::float32, MapLayout::channels_last);
    const torch::Tensor weight =
        find(last->parameters(), backbone == BackboneName::tinynet ? "conv2.weight" : "layer1.0.conv1.weight");
    BOOST_TEST(weight.is_contiguous(torch::MemoryFormat::ChannelsLast));
    BOOST_TEST(last->eval_forward(pixels(2, 0, 32)).maps.is_contiguous(torch::MemoryFormat::ChannelsLast));
    const Trained a = trained(*plain, pixels(6, 0, 32)), b = trained(*last, pixels(6, 0, 32));
    BOOST_TEST(apart({a.logits}, {b.logits}) < 1e-4);
    BOOST_TEST(apart(a.gradients, b.gradients) < 1e-3);
    // Float images too, and what is saved is row-major as ever.
    const torch::Tensor images = plain->normalise(pixels(2, 0, 32));
    BOOST_TEST(close(plain->eval_forward(images).logits, last->eval_forward(images).logits, 1e-4));
    const auto other = network(backbone, Precision::float32);
    other->restore(last->save());
    BOOST_TEST(same_numbers(find(other->parameters(), "conv1.weight"), find(last->parameters(), "conv1.weight")));
    BOOST_TEST(find(other->parameters(), "conv1.weight").is_contiguous());
  }
}

BOOST_AUTO_TEST_CASE(an_optimizers_moments_lie_as_the_parameters_do) {
  const auto net = network(BackboneName::tinynet, Precision::float32, MapLayout::channels_last);
  const auto plain = network(BackboneName::tinynet, Precision::float32);
  Sgd::Params params;
  params.lr = 0.1;
  params.momentum = 0.9;
  Sgd ours(params, {{net.get()}}, Scope("sgd")), theirs(params, {{plain.get()}}, Scope("sgd"));
  for (int step = 0; step < 3; ++step)
    for (auto [network, sgd] : {std::pair(net.get(), &ours), std::pair(plain.get(), &theirs)}) {
      const torch::Tensor logits = network->train_forward(pixels(5, step), NormMode::update, Random(1, 1, 1)).logits;
      Optimize().run({{Loss{torch::softmax(logits, 1).square().sum()}}}, {}, {{Write<Optimizer>(*sgd)}});
    }
  // Resumed in the other order of memory, it goes on from the same numbers.
  theirs.restore(ours.save());
  const Blobs a = ours.save(), b = theirs.save();
  for (const auto& [name, blob] : a) BOOST_TEST((blob.bytes == b.at(name).bytes), name);
  BOOST_TEST(close(find(net->parameters(), "conv2.weight"), find(plain->parameters(), "conv2.weight"), 1e-5));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(batching)

BOOST_AUTO_TEST_CASE(separate_parts_are_forwards_of_their_own_in_their_order) {
  const auto net = tinynet("net"), one_by_one = copy_of(*net), together = copy_of(*net);
  const std::vector<Images> views = {{pixels(3)}, {pixels(2, 5)}, {pixels(4, 9)}};
  Forward::Params params;
  params.batching = Batching::separate;
  const Forward::Out out = forward(*net, views, params);
  BOOST_TEST(out.logits.tensor.size(0) == 9);
  for (std::size_t i = 0; i < views.size(); ++i) {
    const Forward::Out part = forward(*one_by_one, {views[i]}, {});
    BOOST_TEST(same_numbers(out.logits_parts[i].tensor, part.logits.tensor));
    BOOST_TEST(same_numbers(out.probs_parts[i].tensor, part.probs.tensor));
    BOOST_TEST(same_numbers(out.features_parts[i].tensor, part.features.tensor));
    BOOST_TEST(same_numbers(out.maps_parts[i].tensor, part.maps.tensor));
  }
  for (const auto& [name, tensor] : net->buffers())
    BOOST_TEST(same_numbers(tensor, find(one_by_one->buffers(), name)), name);
  BOOST_TEST(find(net->buffers(), "bn1.num_batches_tracked").item<std::int64_t>() == 3);

  const Forward::Out joint = forward(*together, views, {});
  BOOST_TEST(!close(joint.logits.tensor, out.logits.tensor, 1e-3));
  BOOST_TEST(find(together->buffers(), "bn1.num_batches_tracked").item<std::int64_t>() == 1);
}

BOOST_AUTO_TEST_CASE(separate_and_joint_are_one_where_no_batch_statistics_are_used) {
  const auto net = tinynet();
  const std::vector<Images> views = {{pixels(3)}, {pixels(2, 5)}};
  Forward::Params params;
  params.mode = ForwardMode::eval;
  const Forward::Out joint = forward(*net, views, params);
  params.batching = Batching::separate;
  BOOST_TEST(close(joint.logits.tensor, forward(*net, views, params).logits.tensor, 1e-5));
}

BOOST_AUTO_TEST_CASE(separate_parts_draw_masks_of_their_own) {
  Network::Params with_dropout;
  with_dropout.dropout = 0.5;
  const auto net = tinynet("net", with_dropout);
  Forward::Params params;
  params.batching = Batching::separate;
  params.statistics = Statistics::leave;
  const auto out = forward(*net, {{pixels(2)}, {pixels(2)}}, params);
  BOOST_TEST(!close(out.features_parts[0].tensor, out.features_parts[1].tensor));
  // The first part is what the node would give alone.
  BOOST_TEST(same_numbers(out.features_parts[0].tensor, forward(*net, {{pixels(2)}}, params).features.tensor));
}

BOOST_AUTO_TEST_SUITE_END()
