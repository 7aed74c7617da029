#include <torch/autograd.h>
#include <boost/test/unit_test.hpp>

#include "nodes/loss/map_difference.hpp"
#include "nodes/network/class_activation.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(attention)

BOOST_AUTO_TEST_CASE(class_activation_weighs_the_maps_by_the_classifier) {
  const auto net = tinynet();
  const torch::Tensor maps = torch::arange(2 * 128 * 6, torch::kFloat32).sin().reshape({2, 128, 2, 3}).requires_grad_();
  const ClassActivation::Out out = ClassActivation().run({{maps}}, {Read<Network>(*net)});
  const torch::Tensor weights = find(net->parameters(), "fc.weight");
  BOOST_TEST((out.maps.tensor.sizes() == torch::IntArrayRef({2, 7, 2, 3})));
  BOOST_TEST(close(out.maps.tensor[1][4][0][2], (weights[4] * maps[1].select(1, 0).select(1, 2)).sum(), 1e-5));
  BOOST_TEST(same_numbers(out.first.tensor, out.maps.tensor[0]));
  BOOST_TEST(!out.first.tensor.requires_grad());
  // The mean of a class's map is its logit without the bias.
  const torch::Tensor logits = torch::matmul(maps.mean({2, 3}), weights.t());
  BOOST_TEST(close(out.maps.tensor.mean({2, 3}), logits, 1e-5));
  // The maps get a gradient, the weights none.
  const auto gradients = torch::autograd::grad({out.maps.tensor.sum()}, {maps, weights}, {}, {}, false, true);
  BOOST_TEST(close(gradients[0][0].select(1, 0).select(1, 0), weights.sum(0), 1e-5));
  BOOST_TEST(!gradients[1].defined());
}

BOOST_AUTO_TEST_CASE(maps_differ_by_the_mean_of_their_squares) {
  const torch::Tensor a = torch::tensor({1.0F, 2.0F, 3.0F, 4.0F}).reshape({2, 1, 1, 2}).requires_grad_();
  const torch::Tensor b = torch::tensor({1.0F, 0.0F, 4.0F, 3.0F}).reshape({2, 1, 1, 2}).requires_grad_();
  MapDifference::Params params;
  const MapDifference::Out plain = MapDifference().run({{a}, {b}, {}}, params);
  BOOST_TEST(plain.loss.tensor.item<float>() == 1.5F);
  BOOST_TEST(same_numbers(plain.each.tensor, torch::tensor({2.0F, 1.0F})));
  params.mirror = true;
  const MapDifference::Out mirrored = MapDifference().run({{a}, {b}, {}}, params);
  BOOST_TEST(same_numbers(mirrored.each.tensor, torch::tensor({1.0F, 0.0F})));
  BOOST_TEST(mirrored.loss.tensor.item<float>() == 0.5F);
  const auto gradients = torch::autograd::grad({mirrored.loss.tensor}, {a, b});
  BOOST_TEST(same_numbers(gradients[0].flatten(), torch::tensor({0.5F, 0.5F, 0.0F, 0.0F})));
  BOOST_TEST(same_numbers(gradients[1].flatten(), torch::tensor({-0.5F, -0.5F, 0.0F, 0.0F})));
  BOOST_TEST(MapDifference().run({{a}, {b}, Mask{booleans({0, 1})}}, {}).loss.tensor.item<float>() == 1);
  BOOST_TEST(MapDifference().run({{a}, {b}, Mask{booleans({0, 0})}}, {}).loss.tensor.item<float>() == 0);
  BOOST_TEST(fails_with("'a' and 'b' have maps of different numbers, rows or sizes. Give both views one size.", [&] {
    MapDifference().run({{a}, {b.narrow(0, 0, 1)}, {}}, {});
  }));
}

BOOST_AUTO_TEST_SUITE_END()
