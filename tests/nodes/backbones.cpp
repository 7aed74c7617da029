// Every backbone against PyTorch: tests/packs/make_backbones.py tells how weights are drawn and what is expected.
#include "nodes/network/backbone.hpp"

#include <ATen/core/grad_mode.h>
#include <torch/autograd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/network/class_activation.hpp"
#include "nodes/network/safetensors.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(backbones)

namespace {

torch::Tensor golden(const std::string& name) {
  static const Blobs arrays =
      read_safetensors(std::filesystem::path(FERGRAPH_SOURCE_DIR) / "tests/packs/backbones.safetensors");
  return tensor_of(arrays.at(name));
}

double uniform(std::uint64_t name, std::int64_t i) {
  std::uint64_t z = name + (static_cast<std::uint64_t>(i) + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<double>((z ^ (z >> 31)) >> 40) * 0x1.0p-24;
}

torch::Tensor drawn(const std::string& name, const std::vector<std::int64_t>& shape, double low, double high) {
  const torch::Tensor tensor = torch::empty(shape, torch::kFloat32);
  float* const numbers = tensor.data_ptr<float>();
  const std::uint64_t key = name_hash(name);
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    numbers[i] = static_cast<float>(low + (high - low) * uniform(key, i));
  return tensor;
}

NamedTensors tensors_of(const Backbone& net) {
  NamedTensors tensors;
  for (const auto& entry : net.named_parameters()) tensors.emplace_back(entry.key(), entry.value());
  for (const auto& entry : net.named_buffers()) tensors.emplace_back(entry.key(), entry.value());
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return tensors;
}

void fill(const Backbone& net) {
  const at::NoGradGuard no_grad;
  for (auto& [name, tensor] : tensors_of(net)) {
    const std::vector<std::int64_t> shape = tensor.sizes().vec();
    if (name.ends_with("num_batches_tracked")) continue;
    if (tensor.dim() > 1) {
      const double bound = std::sqrt(6 / static_cast<double>(tensor[0].numel()));
      tensor.copy_(drawn(name, shape, -bound, bound));
    } else if (name.ends_with("running_var")) {
      tensor.copy_(drawn(name, shape, 0.5, 1.5));
    } else if (name.ends_with("weight")) {
      tensor.copy_(drawn(name, shape, 0.5, 1.0));
    } else {
      tensor.copy_(drawn(name, shape, -0.1, 0.1));
    }
  }
}

// The count of the tensors and a hash of their names and shapes.
std::pair<std::int64_t, std::int64_t> names_of(const NamedTensors& tensors) {
  std::string lines;
  for (const auto& [name, tensor] : tensors) lines += name + " " + shape_text(tensor.sizes().vec()) + "\n";
  return {static_cast<std::int64_t>(tensors.size()), static_cast<std::int64_t>(name_hash(lines))};
}

struct Forwarded {
  torch::Tensor logits, features;
};

Forwarded forward(const Backbone& net, const torch::Tensor& images, NormMode mode) {
  const torch::Tensor features = net.features(net.maps(images, mode, {}), mode, {});
  return {net.classifier().forward(features), features};
}

// Largest difference, as a share of the largest number.
double error(const torch::Tensor& actual, const torch::Tensor& expected) {
  if (actual.sizes() != expected.sizes()) return INFINITY;
  const torch::Tensor exact = expected.to(torch::kFloat64);
  return ((actual.detach().to(torch::kFloat64) - exact).abs().max() / exact.abs().max()).item<double>();
}

void compare(const Forwarded& actual, const std::string& expected, double tolerance) {
  BOOST_TEST(error(actual.logits, golden(expected + ".logits")) <= tolerance);
  BOOST_TEST(error(actual.features.narrow(1, 0, 16), golden(expected + ".features")) <= tolerance);
}

void compare_buffers(const NamedTensors& tensors, const std::string& name, double tolerance) {
  std::vector<double> sums;
  for (const auto& [key, tensor] : tensors) {
    if (key.find("running_") == std::string::npos) continue;
    const torch::Tensor numbers = tensor.to(torch::kFloat64);
    const std::uint64_t probe = name_hash(key + "/probe");
    double sum = 0;
    for (std::int64_t i = 0; i < numbers.numel(); ++i) sum += numbers.data_ptr<double>()[i] * uniform(probe, i);
    sums.push_back(sum);
  }
  BOOST_TEST(error(torch::tensor(sums, torch::kFloat64), golden(name + ".buffers")) <= tolerance);
  for (const auto& [key, tensor] : tensors)
    if (key.ends_with("num_batches_tracked")) BOOST_TEST(tensor.item<double>() == 1, key);
}

torch::Tensor loss_of(const torch::Tensor& logits) {
  return torch::cross_entropy_loss(logits, torch::arange(logits.size(0)));
}

// One step of stochastic gradient descent that should take a hundredth of the loss; buffers stay.
void learn(const Backbone& net, const torch::Tensor& images, const torch::Tensor& expected_logits) {
  const NamedTensors tensors = tensors_of(net);
  std::vector<torch::Tensor> before;
  for (const auto& entry : net.named_buffers()) before.push_back(entry.value().clone());
  const std::vector<torch::Tensor> parameters = net.parameters();
  const torch::Tensor logits = forward(net, images, NormMode::leave).logits;
  BOOST_TEST(error(logits, expected_logits) < 1e-6);  // as with `update`
  const torch::Tensor loss = loss_of(logits);
  const auto gradients = torch::autograd::grad({loss}, parameters);
  const at::NoGradGuard no_grad;
  double squares = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) squares += gradients[i].square().sum().item<double>();
  BOOST_TEST((std::isfinite(squares) && squares > 0));
  for (std::size_t i = 0; i < parameters.size(); ++i)
    torch::Tensor(parameters[i]).sub_(gradients[i], 0.01 * loss.item<double>() / squares);
  BOOST_TEST(loss_of(forward(net, images, NormMode::leave).logits).item<double>() < loss.item<double>());
  for (std::size_t i = 0; i < before.size(); ++i) BOOST_TEST(same_numbers(before[i], net.buffers()[i]));
}

struct Case {
  BackboneName backbone;
  std::int64_t image_size;  // of networks that have an input_size, this is it
  std::int64_t embedding = 512;
};

void check_backbone(const Case& it) {
  const std::string name = Codec<BackboneChoice>::show(it.backbone);
  BOOST_TEST_CONTEXT(name) {
    const auto net = make_backbone({it.backbone, 7, it.image_size, it.embedding});
    fill(*net);
    const NamedTensors tensors = tensors_of(*net);
    const auto [count, hash] = names_of(tensors);
    BOOST_TEST(count == golden(name + ".names")[0].item<std::int64_t>());
    BOOST_TEST(hash == golden(name + ".names")[1].item<std::int64_t>(), "names or shapes differ from the public ones");

    torch::Tensor images = drawn("images", {4, 3, it.image_size, it.image_size}, -1, 1);
    {
      const at::NoGradGuard no_grad;
      compare(forward(*net, images, NormMode::running), name + ".eval", 1e-5);
    }
    // Batch normalisation over few numbers magnifies float32's rounding (to 1e-4 in a ResNet-50), so this is done in
    // float64; only the 138 million weights of a VGG-16 would take too much memory.
    const bool exact = it.backbone != BackboneName::vgg16_bn;
    const double tolerance = exact ? 1e-6 : 3e-5;
    if (exact) {
      net->to(torch::kFloat64);
      images = images.to(torch::kFloat64);
    }
    Forwarded trained;
    {
      const at::NoGradGuard no_grad;
      trained = forward(*net, images, NormMode::update);
    }
    compare(trained, name + ".train", tolerance);
    compare_buffers(tensors, name, tolerance);
    learn(*net, images, trained.logits);
  }
}

double deviation(const Network& net, const std::string& name) {
  return find(net.parameters(), name).std().item<double>();
}
double largest(const Network& net, const std::string& name) {
  return find(net.parameters(), name).abs().max().item<double>();
}

std::unique_ptr<Network> network(BackboneName backbone, std::int64_t input_size = 0, std::int64_t embedding = 512) {
  Network::Params params;
  params.backbone = backbone;
  params.classes = 7;
  params.input_size = input_size;
  params.embedding = embedding;
  return std::make_unique<Network>(params, Network::Links{}, Scope());
}

}  // namespace

BOOST_AUTO_TEST_CASE(small_ones_compute_what_pytorch_computes) {
  check_backbone({BackboneName::tinynet, 16});
  check_backbone({BackboneName::wide_resnet28_2, 16});
  check_backbone({BackboneName::cnn7, 32});
  check_backbone({BackboneName::mobilefacenet, 32, 128});
  check_backbone({BackboneName::mobilenet_v2, 64});
}

BOOST_AUTO_TEST_CASE(resnets_compute_what_torchvision_computes) {
  check_backbone({BackboneName::resnet18, 64});
  check_backbone({BackboneName::resnet34, 64});
  check_backbone({BackboneName::resnet50, 64});
}

BOOST_AUTO_TEST_CASE(face_recognition_resnets_compute_what_pytorch_computes) {
  check_backbone({BackboneName::ir_resnet18, 32});
  check_backbone({BackboneName::se_resnet50_ir, 32});
}

BOOST_AUTO_TEST_CASE(vgg_computes_what_torchvision_computes) { check_backbone({BackboneName::vgg16_bn, 32}); }

BOOST_AUTO_TEST_CASE(face_recognition_networks_are_made_for_112_pixels_unless_told_otherwise) {
  BOOST_TEST((make_ir_resnet18(7, 112, 512)->named_parameters()["fc.weight"].sizes().vec() ==
              std::vector<std::int64_t>{512, 512 * 7 * 7}));
  BOOST_TEST((make_mobilefacenet(7, 112, 512)->named_parameters()["conv_6_dw.conv.weight"].sizes().vec() ==
              std::vector<std::int64_t>{512, 1, 7, 7}));
  const auto net = network(BackboneName::mobilefacenet, 0, 128);
  BOOST_TEST(net->width() == 128);
  BOOST_TEST(net->eval_forward(torch::zeros({1, 3, 112, 112})).maps.size(2) == 7);
  BOOST_TEST(
      fails_with("This network was made for images of 112x112 pixels, whose last maps are 7x7, but these images "
                 "gave maps of 3x3. Say the side of the images with 'input_size'.",
                 [&] {
                   net->eval_forward(torch::zeros({1, 3, 48, 48}));
                 }));
  // An odd size, which the strides round up.
  BOOST_TEST(
      network(BackboneName::mobilefacenet, 50, 64)->eval_forward(torch::zeros({1, 3, 50, 50})).features.size(1) == 64);
  BOOST_TEST(fails_with("'input_size' must be at least 8, but it is 4", [] { network(BackboneName::cnn7, 4); }));
}

BOOST_AUTO_TEST_CASE(features_are_mean_maps_where_the_architecture_pools_them) {
  BOOST_TEST(make_mobilenet_v2(7)->features_are_mean_maps());
  BOOST_TEST(make_wide_resnet28_2(7)->features_are_mean_maps());
  BOOST_TEST(!make_cnn7(7, 32)->features_are_mean_maps());
  BOOST_TEST(!make_mobilefacenet(7, 32, 128)->features_are_mean_maps());
  const auto net = network(BackboneName::cnn7);
  BOOST_TEST(fails_with("need features that are the means of the maps", [&] {
    ClassActivation().run({Maps{torch::zeros({1, 16, 8, 8})}}, {Read<Network>(*net)});
  }));
}

BOOST_AUTO_TEST_CASE(each_is_initialised_by_its_own_scheme) {
  const auto mobile = network(BackboneName::mobilenet_v2);
  BOOST_TEST(std::abs(deviation(*mobile, "features.18.0.weight") - std::sqrt(2 / 1280.0)) < 1e-3);
  BOOST_TEST(std::abs(deviation(*mobile, "classifier.1.weight") - 0.01) < 5e-4);
  BOOST_TEST(largest(*mobile, "classifier.1.bias") == 0);

  const auto wide = network(BackboneName::wide_resnet28_2);
  BOOST_TEST(std::abs(deviation(*wide, "block3.layer.1.conv1.weight") - std::sqrt(2 / (128 * 9.0))) < 1e-3);
  BOOST_TEST(std::abs(deviation(*wide, "fc.weight") - std::sqrt(2 / (128 + 7.0))) < 0.015);
  BOOST_TEST(largest(*wide, "block3.layer.1.conv1.bias") > 0);
  BOOST_TEST(largest(*wide, "fc.bias") == 0);

  const auto small = network(BackboneName::cnn7);
  BOOST_TEST(std::abs(largest(*small, "c4.weight") - 1 / std::sqrt(128 * 9.0)) < 1e-4);
  BOOST_TEST(largest(*small, "c4.bias") <= 1 / std::sqrt(128 * 9.0));

  const auto face = network(BackboneName::ir_resnet18, 32);
  BOOST_TEST(std::abs(deviation(*face, "layer2.0.conv2.weight") - 0.1) < 1e-3);
  BOOST_TEST(std::abs(largest(*face, "fc.weight") - 1 / std::sqrt(2048.0)) < 1e-4);
  BOOST_TEST(find(face->parameters(), "prelu.weight")[3].item<float>() == 0.25F);
  // The scale of the embedding is one for good, so no optimizer sees it.
  BOOST_TEST(same_numbers(find(face->buffers(), "features.weight"), torch::ones({512})));
}

BOOST_AUTO_TEST_CASE(batch_statistics_of_a_single_number_are_refused) {
  const auto net = network(BackboneName::mobilefacenet, 32, 128);
  Random draws(1, 2, 3);
  BOOST_TEST(fails_with("needs more than one value per channel", [&] {
    net->train_forward(torch::zeros({1, 3, 32, 32}), NormMode::leave, draws);
  }));
}

BOOST_AUTO_TEST_CASE(dropout_is_where_the_architecture_has_it) {
  Network::Params params;
  params.backbone = BackboneName::ir_resnet18;
  params.classes = 7;
  params.input_size = 16;
  params.dropout = 0.5;
  const Network face(params, {}, Scope());
  const torch::Tensor images = drawn("images", {4, 3, 16, 16}, -1, 1);
  const torch::Tensor a = face.train_forward(images, NormMode::leave, Random(1, 2, 3)).features;
  BOOST_TEST(same_numbers(a, face.train_forward(images, NormMode::leave, Random(1, 2, 3)).features));
  BOOST_TEST(!close(a, face.train_forward(images, NormMode::leave, Random(1, 2, 4)).features));
  BOOST_TEST((a == 0).sum().item<std::int64_t>() == 0);  // before the embedding, not behind it

  params.backbone = BackboneName::cnn7;
  const Network small(params, {}, Scope());
  const torch::Tensor features = small.train_forward(images, NormMode::leave, Random(1, 2, 3)).features;
  const torch::Tensor whole = small.eval_forward(images).features;
  BOOST_TEST((features == 0).sum().item<std::int64_t>() > (whole == 0).sum().item<std::int64_t>());
}

BOOST_AUTO_TEST_CASE(a_choice_is_read_and_shown) {
  const auto parse = [](const std::string& text) {
    Tree tree;
    tree.kind = Tree::Kind::scalar;
    tree.text = text;
    return Codec<BackboneChoice>::parse(tree, nullptr);
  };
  BOOST_TEST((parse("se_resnet50_ir").name == BackboneName::se_resnet50_ir));
  const BackboneChoice script = parse("torchscript:nets/mine.pt");
  BOOST_TEST((script.name == BackboneName::torchscript && script.script == "nets/mine.pt"));
  BOOST_TEST(Codec<BackboneChoice>::show(script) == "torchscript:nets/mine.pt");
  BOOST_TEST(fails_with("Did you mean 'mobilenet_v2'?", [&] { parse("mobilenetv2"); }));
  BOOST_TEST(fails_with("'torchscript:FILE'", [&] { parse("torchscript:"); }));
}

BOOST_AUTO_TEST_SUITE_END()
