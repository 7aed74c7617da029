// Networks as TorchScript: every architecture, several networks, any number of images.
#include "nodes/network/traced_network.hpp"

#include <sstream>

#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(traced_network)

namespace {

std::unique_ptr<Network> network(BackboneName backbone, Network::Params params = {}) {
  params.backbone = backbone;
  params.classes = 5;
  return std::make_unique<Network>(params, Network::Links{}, Scope());
}

// Written and read again, as another program would.
torch::jit::Module reloaded(const torch::jit::Module& script) {
  std::stringstream file;
  script.save(file);
  return torch::jit::load(file);
}

torch::Tensor scores(torch::jit::Module script, const torch::Tensor& images) {
  const at::NoGradGuard no_grad;
  return script.forward({images}).toTensor();
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_architecture_gives_its_logits) {
  for (const auto& [word, backbone] : Words<BackboneChoice>::all) {
    if (backbone == BackboneName::torchscript) continue;
    Network::Params params;
    params.input_size = 32;
    params.embedding = 16;
    const auto net = network(backbone, params);
    const torch::Tensor example = pixels(2, 0, 32);
    torch::jit::Module script = trace_networks({net.get()}, {"net"}, example);
    if (backbone != BackboneName::vgg16_bn) script = reloaded(script);  // it has half a gigabyte
    const at::NoGradGuard no_grad;
    const torch::Tensor other = pixels(3, 5, 32);
    BOOST_TEST(close(scores(script, other), net->eval_forward(other).logits, 1e-5), std::string(word));
  }
}

BOOST_AUTO_TEST_CASE(what_a_network_does_with_pixels_goes_along) {
  Network::Params params;
  params.channels = ChannelOrder::bgr;
  params.mean = {0.1, 0.2, 0.3};
  params.normalize_feature = true;
  params.dropout = 0.5;
  const auto net = tinynet("net", params);
  const torch::jit::Module script = reloaded(trace_networks({net.get()}, {"net"}, pixels(2)));
  const at::NoGradGuard no_grad;
  BOOST_TEST(close(scores(script, pixels(4, 3)), net->eval_forward(pixels(4, 3)).logits, 1e-5));
}

BOOST_AUTO_TEST_CASE(several_networks_give_the_logarithm_of_their_average) {
  const auto a = tinynet("a"), b = std::make_unique<Network>(
                                   [] {
                                     Network::Params params;
                                     params.backbone = BackboneName::tinynet;
                                     params.classes = 7;
                                     return params;
                                   }(),
                                   Network::Links{}, Scope("b", 11));
  const torch::jit::Module script = reloaded(trace_networks({a.get(), b.get()}, {"a", "b"}, pixels(2)));
  const at::NoGradGuard no_grad;
  const torch::Tensor images = pixels(3, 1);
  const torch::Tensor average =
      (torch::softmax(a->eval_forward(images).logits, 1) + torch::softmax(b->eval_forward(images).logits, 1)) / 2;
  BOOST_TEST(close(torch::softmax(scores(script, images), 1), average, 1e-6));
  BOOST_TEST(close(scores(script, images).exp(), average, 1e-6));
}

BOOST_AUTO_TEST_SUITE_END()
