// Exported modules as networks: tests/packs/make_backbones.py exports those of tests/packs/scripts.
#include <ATen/core/grad_mode.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "nodes/network/forward.hpp"
#include "nodes/update/ema.hpp"
#include "nodes/update/optimize.hpp"
#include "nodes/update/sgd.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(script_backbone)

namespace {

const std::filesystem::path folder = std::filesystem::path(FERGRAPH_SOURCE_DIR) / "tests/packs/scripts";

std::unique_ptr<Network> script(const std::filesystem::path& file, const std::string& name = "net") {
  Network::Params params;
  params.backbone = {BackboneName::torchscript, file};
  params.classes = 7;
  params.input_size = 8;
  return std::make_unique<Network>(params, Network::Links{}, Scope(name));
}

Forward::Out forward(Network& net, const Forward::Params& params, std::int64_t iteration = 1) {
  return Forward().run({std::vector<Images>{Images{pixels(4)}}}, params, {Use<Network>(net)},
                       context("step.f", iteration));
}

// What the exported module computes in eval mode, by LibTorch's functions.
torch::Tensor reference_maps(const Network& net) {
  const auto value = [&](const std::string& name) {
    return find(name.find("running") == std::string::npos ? net.parameters() : net.buffers(), "script.body." + name);
  };
  const torch::Tensor maps = torch::conv2d(net.normalise(pixels(4)), value("0.weight"), {}, 1, 1);
  return torch::relu(torch::batch_norm(maps, value("1.weight"), value("1.bias"), value("1.running_mean"),
                                       value("1.running_var"), false, 0.1, 1e-5, false));
}

}  // namespace

BOOST_AUTO_TEST_CASE(features_or_maps_are_what_a_script_may_give) {
  Forward::Params params;
  params.mode = ForwardMode::eval;
  const auto maps = script(folder / "maps.pt");
  BOOST_TEST(maps->width() == 6);
  const Forward::Out of_maps = forward(*maps, params);
  BOOST_TEST(close(of_maps.maps.tensor, reference_maps(*maps), 1e-5));
  BOOST_TEST(close(of_maps.features.tensor, reference_maps(*maps).mean({2, 3}), 1e-5));
  BOOST_TEST((of_maps.logits.tensor.sizes().vec() == std::vector<std::int64_t>{4, 7}));
  const auto features = script(folder / "features.pt");
  const Forward::Out of_features = forward(*features, params);
  BOOST_TEST(close(of_features.features.tensor, of_maps.features.tensor, 1e-5));
  BOOST_TEST((of_features.maps.tensor.sizes().vec() == std::vector<std::int64_t>{4, 6, 1, 1}));
}

BOOST_AUTO_TEST_CASE(batch_statistics_follow_the_mode) {
  const auto net = script(folder / "maps.pt");
  const Blobs before = net->save();
  BOOST_TEST(before.contains("script.body.1.running_mean"));
  BOOST_TEST(before.contains("classifier.weight"));
  Forward::Params params;
  params.statistics = Statistics::leave;
  const torch::Tensor left = forward(*net, params).logits.tensor;
  for (const auto& [name, blob] : net->save()) BOOST_TEST((blob.bytes == before.at(name).bytes), name);
  params.statistics = Statistics::update;
  BOOST_TEST(same_numbers(forward(*net, params).logits.tensor, left));
  const torch::Tensor conv =
      torch::conv2d(net->normalise(pixels(4)), find(net->parameters(), "script.body.0.weight"), {}, 1, 1);
  BOOST_TEST(close(find(net->buffers(), "script.body.1.running_mean"), 0.1 * conv.mean({0, 2, 3}), 1e-5));
  BOOST_TEST(find(net->buffers(), "script.body.1.num_batches_tracked").item<std::int64_t>() == 1);
  params.mode = ForwardMode::eval;
  BOOST_TEST(close(forward(*net, params).maps.tensor, reference_maps(*net), 1e-5));
}

BOOST_AUTO_TEST_CASE(dropout_within_a_script_follows_the_draws) {
  const auto net = script(folder / "maps.pt");
  Forward::Params params;
  params.statistics = Statistics::leave;
  const torch::Tensor first = forward(*net, params, 1).maps.tensor;
  const torch::Tensor second = forward(*net, params, 2).maps.tensor;
  BOOST_TEST(!close(first, second));
  // Also after other draws from LibTorch's generator, and for the fourth time, when a profiled graph would have been
  // replaced.
  BOOST_TEST(torch::rand({3}).numel() == 3);
  BOOST_TEST(same_numbers(forward(*net, params, 1).maps.tensor, first));
  BOOST_TEST(same_numbers(forward(*net, params, 2).maps.tensor, second));
}

BOOST_AUTO_TEST_CASE(optimizers_averages_and_restores_reach_its_values) {
  const auto net = script(folder / "features.pt"), teacher = copy_of(*net);
  BOOST_TEST(same_numbers(find(teacher->parameters(), "script.body.0.weight"),
                          find(net->parameters(), "script.body.0.weight")));
  const Blobs before = net->save();
  Sgd::Params params;
  params.lr = 0.1;
  Sgd sgd(params, {{net.get()}}, Scope("sgd"));
  Forward::Params leave;
  leave.statistics = Statistics::leave;
  const torch::Tensor loss = torch::cross_entropy_loss(forward(*net, leave).logits.tensor, integers({0, 1, 2, 3}));
  Optimize().run({std::vector<Loss>{Loss{loss}}}, {}, {{Write<Optimizer>(sgd)}});
  BOOST_TEST(!same_numbers(find(teacher->parameters(), "script.body.0.weight"),
                           find(net->parameters(), "script.body.0.weight")));
  const torch::Tensor after = torch::cross_entropy_loss(forward(*net, leave).logits.tensor, integers({0, 1, 2, 3}));
  BOOST_TEST(after.item<double>() < loss.item<double>());
  Ema::Params ema;
  ema.decay = 0.0;
  Ema().run(ema, {Read<Network>(*net), Write<Network>(*teacher)});
  BOOST_TEST(same_numbers(teacher->eval_forward(pixels(2)).logits, net->eval_forward(pixels(2)).logits));
  net->restore(before);
  BOOST_TEST(
      same_numbers(forward(*net, leave).logits.tensor, forward(*script(folder / "features.pt"), leave).logits.tensor));
}

BOOST_AUTO_TEST_CASE(what_is_no_such_script_is_refused) {
  BOOST_TEST(fails_with("There is no file for the backbone 'torchscript:nowhere.pt'.", [] { script("nowhere.pt"); }));
  BOOST_TEST(fails_with("gives a Tuple, but its forward must take float [N,3,H,W] and give one float tensor",
                        [] { script(folder / "pair.pt"); }));
  BOOST_TEST(fails_with("Export the module, not its state dict: ",
                        [] { script(folder.parent_path() / "checkpoints/zip.pt"); }));
  BOOST_TEST(fails_with("has no parameters: it is frozen, so that nothing in it could train.",
                        [] { script(folder / "frozen.pt"); }));
  // A linear layer, which takes no images.
  BOOST_TEST(fails_with("cannot be run on float images [2, 3, 8, 8]",
                        [] { script(folder.parent_path() / "checkpoints/script.pt"); }));
}

BOOST_AUTO_TEST_SUITE_END()
