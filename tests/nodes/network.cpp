#include "nodes/network/network.hpp"

#include <ATen/core/grad_mode.h>

#include <boost/test/unit_test.hpp>

#include "nodes/network/forward.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(network)

namespace {

Forward::Out forward(Network& net, std::vector<Images> images, const Forward::Params& params,
                     const Context& where = context()) {
  return Forward().run({std::move(images)}, params, {Use<Network>(net)}, where);
}

// LibTorch's own layers with the network's values: what a tinynet should compute from normalised images.
torch::Tensor reference_maps(const Network& net, torch::Tensor x) {
  for (const std::string k : {"1", "2", "3"}) {
    x = torch::conv2d(x, find(net.parameters(), "conv" + k + ".weight"), {}, 1, 1);
    const torch::Tensor mean = x.mean({0, 2, 3}, true), variance = x.var({0, 2, 3}, false, true);
    x = (x - mean) / (variance + 1e-5).sqrt();
    x = x * find(net.parameters(), "bn" + k + ".weight").view({1, -1, 1, 1}) +
        find(net.parameters(), "bn" + k + ".bias").view({1, -1, 1, 1});
    x = torch::relu(x);
    if (k != "3") x = torch::max_pool2d(x, 2);
  }
  return x;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pixels_are_normalised_in_the_networks_channel_order) {
  Network::Params params;
  params.mean = {0.1, 0.2, 0.3};
  params.std = {0.5, 0.25, 0.125};
  const torch::Tensor image = torch::tensor({0, 51, 255}, torch::kUInt8).reshape({1, 1, 1, 3});
  const torch::Tensor rgb = tinynet("net", params)->normalise(image);
  BOOST_TEST(close(rgb.flatten(), torch::tensor({-0.2F, 0.0F, 5.6F})));
  params.channels = ChannelOrder::bgr;
  const torch::Tensor bgr = tinynet("net", params)->normalise(image);
  BOOST_TEST(close(bgr.flatten(), torch::tensor({1.8F, 0.0F, -2.4F})));
  BOOST_TEST(bgr.sizes().vec() == (std::vector<std::int64_t>{1, 3, 1, 1}));
  const torch::Tensor normalised = torch::rand({2, 3, 4, 4});
  BOOST_TEST(same_numbers(tinynet()->normalise(normalised), normalised));
}

BOOST_AUTO_TEST_CASE(values_are_a_function_of_seed_and_name) {
  const auto a = tinynet("a"), again = tinynet("a"), b = tinynet("b");
  const torch::Tensor weight = find(a->parameters(), "conv2.weight");
  BOOST_TEST(same_numbers(weight, find(again->parameters(), "conv2.weight")));
  BOOST_TEST(!close(weight, find(b->parameters(), "conv2.weight")));
  // Kaiming normal, fan out: sqrt(2 / (64 * 9)).
  BOOST_TEST(std::abs(weight.std().item<double>() - 0.0589) < 0.002);
  BOOST_TEST(find(a->parameters(), "fc.weight").abs().max().item<double>() <= 1 / std::sqrt(128.0));
}

BOOST_AUTO_TEST_CASE(train_forward_uses_batch_statistics_and_update_moves_the_running_ones) {
  const auto net = tinynet();
  const torch::Tensor images = pixels(4);
  const Blobs before = net->save();
  const torch::Tensor expected = reference_maps(*net, net->normalise(images));

  Forward::Params params;
  params.statistics = Statistics::leave;
  const Forward::Out left = forward(*net, {{images}}, params);
  BOOST_TEST(close(left.maps.tensor, expected, 1e-5));
  BOOST_TEST(close(left.features.tensor, expected.mean({2, 3}), 1e-5));
  for (const auto& [name, blob] : net->save()) BOOST_TEST((blob.bytes == before.at(name).bytes), name);

  params.statistics = Statistics::update;
  const Forward::Out updated = forward(*net, {{images}}, params);
  BOOST_TEST(same_numbers(updated.logits.tensor, left.logits.tensor));
  BOOST_TEST(find(net->buffers(), "bn1.num_batches_tracked").item<std::int64_t>() == 1);
  const torch::Tensor conv = torch::conv2d(net->normalise(images), find(net->parameters(), "conv1.weight"), {}, 1, 1);
  BOOST_TEST(close(find(net->buffers(), "bn1.running_mean"), 0.1 * conv.mean({0, 2, 3}), 1e-5));
  BOOST_TEST(close(find(net->buffers(), "bn1.running_var"), 0.9 + 0.1 * conv.var({0, 2, 3}, true), 1e-5));
}

BOOST_AUTO_TEST_CASE(leave_gives_the_gradients_of_batch_statistics) {
  const auto net = tinynet();
  Forward::Params params;
  params.statistics = Statistics::leave;
  forward(*net, {{pixels(3)}}, params).maps.tensor.square().sum().backward();
  const torch::Tensor weight = find(net->parameters(), "conv1.weight");
  const torch::Tensor gradient = weight.grad().clone();
  weight.mutable_grad() = torch::Tensor();
  reference_maps(*net, net->normalise(pixels(3))).square().sum().backward();
  BOOST_TEST(close(gradient, weight.grad(), 2e-3));
}

BOOST_AUTO_TEST_CASE(eval_forward_uses_running_statistics) {
  const auto net = tinynet();
  Forward::Params params;
  params.mode = ForwardMode::eval;
  params.grad = false;
  const Forward::Out all = forward(*net, {{pixels(4)}}, params);
  const Forward::Out one = forward(*net, {{pixels(4).narrow(0, 2, 1)}}, params);
  BOOST_TEST(close(all.logits.tensor.narrow(0, 2, 1), one.logits.tensor, 1e-5));
  BOOST_TEST(!all.logits.tensor.requires_grad());
  BOOST_TEST(find(net->buffers(), "bn1.num_batches_tracked").item<std::int64_t>() == 0);
}

BOOST_AUTO_TEST_CASE(a_list_is_one_joint_forward_and_splits_again) {
  const auto net = tinynet();
  Forward::Params params;
  params.statistics = Statistics::leave;
  const Forward::Out joint = forward(*net, {{pixels(2)}, {pixels(3, 5)}}, params);
  const Forward::Out whole = forward(*net, {{torch::cat({pixels(2), pixels(3, 5)})}}, params);
  BOOST_TEST(same_numbers(joint.logits.tensor, whole.logits.tensor));
  BOOST_TEST(same_numbers(joint.logits_parts[1].tensor, whole.logits.tensor.narrow(0, 2, 3)));
  BOOST_TEST(same_numbers(joint.probs_parts[0].tensor, torch::softmax(whole.logits.tensor, 1).narrow(0, 0, 2)));
  BOOST_TEST(joint.maps_parts[0].tensor.size(0) == 2);
  // Pixels and already normalised images may be mixed.
  const Forward::Out mixed = forward(*net, {{pixels(2)}, {net->normalise(pixels(3, 5))}}, params);
  BOOST_TEST(same_numbers(mixed.logits.tensor, whole.logits.tensor));
}

BOOST_AUTO_TEST_CASE(access_follows_the_parameters) {
  const NodeType type = Forward::contract().type();
  const StatePort& net = *type.state("net");
  Forward::Params params;
  BOOST_TEST((net.access_of(&params) == Access::write));
  params.statistics = Statistics::leave;
  BOOST_TEST((net.access_of(&params) == Access::read));
  params = {};
  params.mode = ForwardMode::eval;
  BOOST_TEST((net.access_of(&params) == Access::read));
}

BOOST_AUTO_TEST_CASE(features_are_normalised_and_dropout_is_keyed) {
  Network::Params params;
  params.normalize_feature = true;
  const auto net = tinynet("net", params);
  const Forward::Out out = forward(*net, {{pixels(3)}}, {});
  BOOST_TEST(close(out.features.tensor.norm(2, 1), torch::ones({3})));

  params.normalize_feature = false;
  params.dropout = 0.5;
  const auto dropping = tinynet("net", params);
  Forward::Params leave;
  leave.statistics = Statistics::leave;
  const torch::Tensor a = forward(*dropping, {{pixels(3)}}, leave, context("step.f", 1)).features.tensor;
  BOOST_TEST(same_numbers(a, forward(*dropping, {{pixels(3)}}, leave, context("step.f", 1)).features.tensor));
  BOOST_TEST(!same_numbers(a, forward(*dropping, {{pixels(3)}}, leave, context("step.f", 2)).features.tensor));
  BOOST_TEST(!same_numbers(a, forward(*dropping, {{pixels(3)}}, leave, context("step.g", 1)).features.tensor));
  // What is kept is doubled, and about half is kept.
  const torch::Tensor whole = forward(*tinynet("net"), {{pixels(3)}}, leave).features.tensor;
  const torch::Tensor kept = (a != 0).logical_and(whole != 0);
  BOOST_TEST(close(a, torch::where(kept, 2 * whole, torch::zeros_like(whole))));
  const double share = (kept.sum() / (whole != 0).sum()).item<double>();
  BOOST_TEST((share > 0.4 && share < 0.6));
  leave.mode = ForwardMode::eval;
  BOOST_TEST(same_numbers(forward(*dropping, {{pixels(3)}}, leave).features.tensor,
                          tinynet("net")->eval_forward(pixels(3)).features));
}

BOOST_AUTO_TEST_CASE(resnet18_has_torchvisions_names_and_shapes) {
  Network::Params params;
  params.classes = 7;
  const Network net(params, {}, Scope());
  const Blobs blobs = net.save();
  BOOST_TEST(blobs.size() == 122U);
  BOOST_TEST((blobs.at("layer2.0.downsample.0.weight").shape == std::vector<std::int64_t>{128, 64, 1, 1}));
  BOOST_TEST(blobs.count("layer1.0.downsample.0.weight") == 0U);
  BOOST_TEST(blobs.at("layer4.1.bn2.num_batches_tracked").dtype == "I64");
  std::int64_t count = 0;
  for (const auto& [name, tensor] : net.parameters()) count += tensor.numel();
  BOOST_TEST(count == 11'180'103);  // torchvision's resnet18 with seven classes
  BOOST_TEST(net.width() == 512);
  const NetworkOutput out = net.eval_forward(pixels(1, 0, 64));
  BOOST_TEST((out.maps.sizes().vec() == std::vector<std::int64_t>{1, 512, 2, 2}));
  BOOST_TEST((out.logits.sizes().vec() == std::vector<std::int64_t>{1, 7}));
}

BOOST_AUTO_TEST_CASE(a_copy_has_the_same_values_and_its_own_memory) {
  const auto net = tinynet();
  const auto teacher = copy_of(*net);
  BOOST_TEST(same_numbers(find(net->parameters(), "fc.bias"), find(teacher->parameters(), "fc.bias")));
  const at::NoGradGuard no_grad;
  find(net->parameters(), "fc.bias").add_(1);
  BOOST_TEST(!close(find(net->parameters(), "fc.bias"), find(teacher->parameters(), "fc.bias")));
  Network::Params params;
  params.classes = 3;
  BOOST_TEST(fails_with("cannot be a copy of one of 7 classes", [&] { Network(params, {net.get()}, Scope()); }));
  BOOST_TEST(fails_with("number of 'classes'", [&] { Network({}, {}, Scope()); }));
}

BOOST_AUTO_TEST_CASE(save_and_restore_round_trip) {
  const auto net = tinynet("a"), other = tinynet("b");
  forward(*net, {{pixels(4)}}, {});
  other->restore(net->save());
  BOOST_TEST(same_numbers(net->eval_forward(pixels(2)).logits, other->eval_forward(pixels(2)).logits));
  BOOST_TEST(find(other->buffers(), "bn3.num_batches_tracked").item<std::int64_t>() == 1);
}

BOOST_AUTO_TEST_CASE(a_restore_names_what_differs_and_changes_nothing) {
  const auto net = tinynet();
  Blobs blobs = tinynet("other")->save();
  blobs["extra"] = blobs.extract("fc.bias").mapped();
  blobs["fc.weight"] = blob_of(torch::zeros({3, 128}));
  const Blobs before = net->save();
  BOOST_TEST(fails_with<RestoreError>(
      "The network 'net' cannot be restored from these arrays. Missing: 'fc.bias'. "
      "Unexpected: 'extra'. Different: 'fc.weight is F32 [3, 128] and should be F32 [7, 128]'.",
      [&] { net->restore(blobs); }));
  for (const auto& [name, blob] : net->save()) BOOST_TEST((blob.bytes == before.at(name).bytes));
}

BOOST_AUTO_TEST_SUITE_END()
