#include <torch/autograd.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim.h>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/loss/zero_gradient.hpp"
#include "nodes/update/adam.hpp"
#include "nodes/update/ema.hpp"
#include "nodes/update/optimize.hpp"
#include "nodes/update/sgd.hpp"
#include "nodes/update/shrink.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

Loss loss_of(const Network& net, std::int64_t shift) {
  const torch::Tensor logits = net.train_forward(pixels(3, shift), NormMode::leave, Random(1, 1, 1)).logits;
  return {torch::log_softmax(logits, 1).select(1, 2).neg().mean()};
}

// Five steps by ours and by LibTorch's optimizer from the same values on the same losses.
template <class Kind, class Theirs>
bool agrees(const typename Kind::Params& params, Theirs&& make_theirs) {
  const auto net = tinynet("net"), other = copy_of(*net, "other");
  Kind ours(params, {{net.get()}}, Scope("optimizer"));
  std::vector<torch::Tensor> their_parameters;
  for (const auto& [name, tensor] : other->parameters()) their_parameters.push_back(tensor);
  auto theirs = make_theirs(their_parameters);
  for (std::int64_t step = 0; step < 5; ++step) {
    Optimize().run({{loss_of(*net, step)}}, {}, {{Write<Optimizer>(ours)}});
    theirs.zero_grad();
    loss_of(*other, step).tensor.backward();
    theirs.step();
  }
  for (const auto& [name, tensor] : net->parameters())
    if (!close(tensor, find(other->parameters(), name), 1e-6)) return false;
  return true;
}

torch::Tensor values(const Network& net) { return find(net.parameters(), "fc.weight").detach().clone(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(optimizers)

BOOST_AUTO_TEST_CASE(sgd_equals_libtorchs) {
  using Options = torch::optim::SGDOptions;
  const auto theirs = [](Options options) {
    return [options](const std::vector<torch::Tensor>& parameters) { return torch::optim::SGD(parameters, options); };
  };
  Sgd::Params params;
  params.lr = 0.1;
  BOOST_TEST(agrees<Sgd>(params, theirs(Options(0.1))));
  params.momentum = 0.9;
  params.weight_decay = 5e-3;
  BOOST_TEST(agrees<Sgd>(params, theirs(Options(0.1).momentum(0.9).weight_decay(5e-3))));
  params.dampening = 0.3;
  BOOST_TEST(agrees<Sgd>(params, theirs(Options(0.1).momentum(0.9).weight_decay(5e-3).dampening(0.3))));
  params.dampening = 0;
  params.nesterov = true;
  BOOST_TEST(agrees<Sgd>(params, theirs(Options(0.1).momentum(0.9).weight_decay(5e-3).nesterov(true))));
}

BOOST_AUTO_TEST_CASE(adam_and_adamw_equal_libtorchs) {
  Adam::Params params;
  params.lr = 1e-2;
  BOOST_TEST(agrees<Adam>(params, [](const std::vector<torch::Tensor>& p) {
    return torch::optim::Adam(p, torch::optim::AdamOptions(1e-2));
  }));
  params.weight_decay = 1e-2;
  params.beta1 = 0.8;
  BOOST_TEST(agrees<Adam>(params, [](const std::vector<torch::Tensor>& p) {
    return torch::optim::Adam(p, torch::optim::AdamOptions(1e-2).weight_decay(1e-2).betas({0.8, 0.999}));
  }));
  params.weight_decay = 0.1;
  BOOST_TEST(agrees<AdamW>(params, [](const std::vector<torch::Tensor>& p) {
    return torch::optim::AdamW(p, torch::optim::AdamWOptions(1e-2).weight_decay(0.1).betas({0.8, 0.999}));
  }));
}

BOOST_AUTO_TEST_CASE(a_resumed_optimizer_goes_on_as_if_nothing_had_happened) {
  const Adam::Params params;
  const auto net = tinynet();
  Adam adam(params, {{net.get()}}, Scope("adam"));
  Optimize().run({{loss_of(*net, 0)}}, {}, {{Write<Optimizer>(adam)}});
  const auto resumed = tinynet("resumed");
  Adam other(params, {{resumed.get()}}, Scope("other"));
  resumed->restore(net->save());
  other.restore(adam.save());
  BOOST_TEST(adam.save().count("0.conv1.weight.second_moment") == 1U);
  const auto out = Optimize().run({{loss_of(*net, 1)}}, {}, {{Write<Optimizer>(adam)}});
  Optimize().run({{loss_of(*resumed, 1)}}, {}, {{Write<Optimizer>(other)}});
  BOOST_TEST(same_numbers(values(*net), values(*resumed)));
  BOOST_TEST(same_numbers(out.rate.tensor, torch::tensor({1e-3}, torch::kFloat64)));
  BOOST_TEST(fails_with<RestoreError>("The optimizer 'other'", [&] { other.restore({}); }));
}

BOOST_AUTO_TEST_CASE(the_rate_follows_the_parameters_at_the_clock) {
  Sgd::Params params;
  params.lr = 0.5;
  const auto net = tinynet();
  Sgd sgd(params, {{net.get()}}, Scope("sgd"));
  params.lr = 0.25;  // as the engine writes a formula's value before a section
  BOOST_TEST(sgd.rate() == 0.25);
  Sgd::Params wrong;
  wrong.nesterov = true;
  BOOST_TEST(fails_with("'nesterov' needs a 'momentum'", [&] { Sgd(wrong, {{net.get()}}, Scope()); }));
}

BOOST_AUTO_TEST_CASE(several_optimizers_see_each_others_networks_as_they_were) {
  Sgd::Params params;
  params.lr = 0.1;
  const auto net1 = tinynet("a"), net2 = tinynet("b");
  const auto old1 = copy_of(*net1), old2 = copy_of(*net2);
  Sgd first(params, {{net1.get()}}, Scope("first")), second(params, {{net2.get()}}, Scope("second"));
  // Both losses depend on both networks and share their graphs.
  const auto losses = [](const Network& a, const Network& b) {
    const torch::Tensor x = loss_of(a, 0).tensor, y = loss_of(b, 1).tensor;
    return std::vector<Loss>{{x * y}, {x + 2 * y}};
  };
  Optimize().run({losses(*net1, *net2)}, {}, {{Write<Optimizer>(first), Write<Optimizer>(second)}});
  const torch::Tensor weight1 = find(old1->parameters(), "fc.weight"), weight2 = find(old2->parameters(), "fc.weight");
  const auto expected = losses(*old1, *old2);
  const torch::Tensor gradient1 = torch::autograd::grad({expected[0].tensor}, {weight1}, {}, true)[0];
  const torch::Tensor gradient2 = torch::autograd::grad({expected[1].tensor}, {weight2})[0];
  BOOST_TEST(close(values(*net1), weight1 - 0.1 * gradient1));
  BOOST_TEST(close(values(*net2), weight2 - 0.1 * gradient2));
}

BOOST_AUTO_TEST_CASE(a_loss_without_gradient_moves_nothing) {
  const Adam::Params params;
  const auto net = tinynet();
  Adam adam(params, {{net.get()}}, Scope("adam"));
  const torch::Tensor before = values(*net);
  Optimize().run({{Loss{torch::zeros({})}}}, {}, {{Write<Optimizer>(adam)}});
  BOOST_TEST(same_numbers(values(*net), before));
  BOOST_TEST(fails_with("There are 2 losses for 1 optimizers.", [&] {
    Optimize().run({{loss_of(*net, 0), loss_of(*net, 0)}}, {}, {{Write<Optimizer>(adam)}});
  }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(gradients)

BOOST_AUTO_TEST_CASE(clipping_is_that_of_clip_grad_norm) {
  for (const double most : {0.05, 1e6}) {
    Sgd::Params params;
    params.lr = 0.5;
    const auto net = tinynet("net"), other = copy_of(*net, "other");
    Sgd sgd(params, {{net.get()}}, Scope("sgd"));
    Optimize::Params clipped;
    clipped.clip_norm = most;
    const Optimize::Out out = Optimize().run({{loss_of(*net, 0)}}, clipped, {{Write<Optimizer>(sgd)}});

    std::vector<torch::Tensor> parameters;
    for (const auto& [name, tensor] : other->parameters()) parameters.push_back(tensor);
    loss_of(*other, 0).tensor.backward();
    const double norm = torch::nn::utils::clip_grad_norm_(parameters, most);
    BOOST_TEST(std::abs(out.norm.tensor.item<double>() - norm) < 1e-5 * norm);
    BOOST_TEST((norm > most) == (most < 1));
    for (const auto& [name, tensor] : other->parameters())
      BOOST_TEST(close(find(net->parameters(), name), tensor - 0.5 * tensor.grad()));
  }
}

BOOST_AUTO_TEST_CASE(each_optimizers_gradients_have_their_own_norm) {
  Sgd::Params params;
  const auto net1 = tinynet("a"), net2 = tinynet("b");
  Sgd first(params, {{net1.get()}}, Scope("first")), second(params, {{net2.get()}}, Scope("second"));
  const auto out = Optimize().run({{loss_of(*net1, 0), Loss{torch::zeros({})}}}, {},
                                  {{Write<Optimizer>(first), Write<Optimizer>(second)}});
  BOOST_TEST(out.norm.tensor[0].item<double>() > 0);
  BOOST_TEST(out.norm.tensor[1].item<double>() == 0);
  BOOST_TEST(same_numbers(out.scale.tensor, torch::ones({2}, torch::kFloat64)));
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_moves_nothing) {
  const Adam::Params params;
  const auto net = tinynet("a"), other = tinynet("b");
  Adam adam(params, {{net.get()}}, Scope("adam")), sound(params, {{other.get()}}, Scope("sound"));
  const Blobs before = net->save(), sound_before = other->save(), moments = adam.save();
  const auto step = [&](const torch::Tensor& loss) {
    return [&, loss] {
      Optimize().run({{loss_of(*other, 0), {loss}}}, {}, {{Write<Optimizer>(sound), Write<Optimizer>(adam)}});
    };
  };
  const auto unchanged = [&] {
    const auto same = [](const Blobs& a, const Blobs& b) {
      return std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
        return x.first == y.first && x.second.bytes == y.second.bytes;
      });
    };
    return same(net->save(), before) && same(other->save(), sound_before) && same(adam.save(), moments);
  };
  BOOST_TEST(fails_with<NotFinite>("The loss is nan.", step(loss_of(*net, 0).tensor * std::nan(""))));
  BOOST_TEST(fails_with<NotFinite>("The loss is inf.", step(loss_of(*net, 0).tensor / 0)));
  // A finite loss whose gradient is not: the root of 0.
  const torch::Tensor zero = loss_of(*net, 0).tensor * 0;
  BOOST_TEST(fails_with<NotFinite>("The gradient of the loss is not finite, first in the parameter '0.conv1.weight'.",
                                   step(zero.sqrt())));
  BOOST_TEST(unchanged());
  // Values that are lost already are told: no later step can mend them.
  const at::NoGradGuard no_grad;
  torch::Tensor(find(net->buffers(), "bn2.running_var")).fill_(std::nan(""));
  try {
    const at::AutoGradMode gradients(true);
    step(loss_of(*net, 0).tensor * std::nan(""))();
    BOOST_ERROR("nothing was told");
  } catch (const NotFinite& error) {
    BOOST_TEST(error.lasting);
    BOOST_TEST(error.what() == "The loss is nan. The network's own value '0.bn2.running_var' is not finite any more.");
  }
}

BOOST_AUTO_TEST_CASE(scaled_losses_change_no_step) {
  Adam::Params params;
  const auto net = tinynet("net"), other = copy_of(*net, "other");
  Adam plain(params, {{net.get()}}, Scope("plain"));
  params.loss_scaling = LossScaling::dynamic;
  Adam scaled(params, {{other.get()}}, Scope("scaled"));
  for (std::int64_t step = 0; step < 3; ++step) {
    const auto a = Optimize().run({{loss_of(*net, step)}}, {}, {{Write<Optimizer>(plain)}});
    const auto b = Optimize().run({{loss_of(*other, step)}}, {}, {{Write<Optimizer>(scaled)}});
    BOOST_TEST(b.scale.tensor.item<double>() == 65536);
    BOOST_TEST(close(a.norm.tensor, b.norm.tensor, 1e-5));
  }
  BOOST_TEST(close(values(*net), values(*other), 1e-5));
}

BOOST_AUTO_TEST_CASE(a_gradient_that_overflows_halves_the_scale_and_skips_the_step) {
  Adam::Params params;
  params.loss_scaling = LossScaling::dynamic;
  const auto net = tinynet();
  Adam adam(params, {{net.get()}}, Scope("adam"));
  const torch::Tensor before = values(*net);
  // The square of 65536 times this is beyond float32, that of a smaller multiple is not.
  const auto big = [&] { return Loss{loss_of(*net, 0).tensor * 1e15}; };
  const auto step = [&] {
    return Optimize().run({{big()}}, {}, {{Write<Optimizer>(adam)}}).scale.tensor.item<double>();
  };
  double scale = 65536;
  while (same_numbers(values(*net), before)) {
    BOOST_REQUIRE_EQUAL(step(), scale);
    scale /= 2;
    BOOST_REQUIRE_GE(scale, 0.25);
  }
  scale *= 2;  // the last one did not overflow
  BOOST_TEST(adam.scaler()->scale() == scale);

  // Saved and restored with the moments; the next to grow needs 2000 good steps.
  const auto resumed = tinynet("resumed");
  Adam other(params, {{resumed.get()}}, Scope("other"));
  other.restore(adam.save());
  BOOST_TEST(other.scaler()->scale() == scale);
  for (std::int64_t i = 1; i < LossScaler::growth_interval - 1; ++i) other.scaler()->note_finite();
  BOOST_TEST(other.scaler()->scale() == scale);
  other.scaler()->note_finite();
  BOOST_TEST(other.scaler()->scale() == 2 * scale);
  // An optimizer that scales has more to restore.
  Adam::Params unscaled;
  Adam lacking(unscaled, {{resumed.get()}}, Scope("lacking"));
  BOOST_TEST(fails_with<RestoreError>("Unexpected: 'loss_scale'", [&] { lacking.restore(adam.save()); }));
}

BOOST_AUTO_TEST_CASE(what_overflows_unscaled_is_not_finite) {
  Sgd::Params params;
  params.loss_scaling = LossScaling::dynamic;
  const auto net = tinynet();
  Sgd sgd(params, {{net.get()}}, Scope("sgd"));
  const auto step = [&] {
    Optimize().run({{Loss{(loss_of(*net, 0).tensor * 0).sqrt()}}}, {}, {{Write<Optimizer>(sgd)}});
  };
  for (int halvings = 0; halvings < 16; ++halvings) step();
  BOOST_TEST(sgd.scaler()->scale() == 1);
  BOOST_TEST(fails_with<NotFinite>("The gradient of the loss is not finite", step));
  BOOST_TEST(fails_with<NotFinite>("The loss is inf.", [&] {
    Optimize().run({{Loss{loss_of(*net, 0).tensor / 0}}}, {}, {{Write<Optimizer>(sgd)}});
  }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(averages)

BOOST_AUTO_TEST_CASE(ema_moves_parameters_and_treats_buffers_as_told) {
  const auto net = tinynet("a");
  net->train_forward(pixels(4), NormMode::update, Random(1, 1, 1));
  const auto moved = [&](EmaBuffers buffers) {
    const auto teacher = tinynet("b");
    Ema::Params params;
    params.decay = 0.75;
    params.buffers = buffers;
    const torch::Tensor expected = 0.75 * values(*teacher) + 0.25 * values(*net);
    BOOST_TEST(Ema().run(params, {Read<Network>(*net), Write<Network>(*teacher)}).decay.value == 0.75);
    BOOST_TEST(close(values(*teacher), expected));
    return std::pair(find(teacher->buffers(), "bn2.running_var"),
                     find(teacher->buffers(), "bn2.num_batches_tracked").item<std::int64_t>());
  };
  const torch::Tensor running = find(net->buffers(), "bn2.running_var");
  const auto [averaged, averaged_count] = moved(EmaBuffers::average);
  BOOST_TEST(close(averaged, 0.75 + 0.25 * running));
  BOOST_TEST(averaged_count == 0);
  const auto [copied, copied_count] = moved(EmaBuffers::copy);
  BOOST_TEST(same_numbers(copied, running));
  BOOST_TEST(copied_count == 1);
  const auto [left, left_count] = moved(EmaBuffers::leave);
  BOOST_TEST(same_numbers(left, torch::ones({64})));
  BOOST_TEST(left_count == 0);
}

BOOST_AUTO_TEST_CASE(ema_needs_one_architecture) {
  Network::Params params;
  params.classes = 3;
  const auto net = tinynet("a"), other = tinynet("b", params);
  BOOST_TEST(fails_with("Make it with 'copy_of'", [&] {
    Ema().run({}, {Read<Network>(*net), Write<Network>(*other)});
  }));
}

BOOST_AUTO_TEST_CASE(shrink_multiplies_and_may_include_statistics) {
  const auto net = tinynet();
  const torch::Tensor before = values(*net);
  Shrink::Params params;
  params.factor = 0.5;
  Shrink().run(params, {Write<Network>(*net)});
  BOOST_TEST(same_numbers(values(*net), before * 0.5));
  BOOST_TEST(same_numbers(find(net->buffers(), "bn1.running_var"), torch::ones({32})));
  params.buffers = true;
  BOOST_TEST(Shrink().run(params, {Write<Network>(*net)}).factor.value == 0.5);
  BOOST_TEST(same_numbers(find(net->buffers(), "bn1.running_var"), torch::full({32}, 0.5)));
  BOOST_TEST(find(net->buffers(), "bn1.num_batches_tracked").item<std::int64_t>() == 0);
}

BOOST_AUTO_TEST_CASE(one_pass_over_the_memory_equals_a_list_of_operations) {
  for (const double weight_decay : {0.0, 0.1}) {
    Adam::Params params;
    params.lr = 1e-2;
    params.weight_decay = weight_decay;
    const auto moved = [&]<class Kind>(std::type_identity<Kind>, bool other_order) {
      const auto net = tinynet("net");
      Kind optimizer(params, {{net.get()}}, Scope("optimizer"));
      for (int step = 0; step < 4; ++step) {
        std::vector<torch::Tensor> gradients;
        for (const auto& [name, parameter] : net->parameters()) {
          torch::manual_seed(step + 1);
          const torch::Tensor gradient = torch::randn(parameter.sizes());
          // Where a gradient lies otherwise than its parameter, one pass over both would mix the numbers up.
          const auto format = parameter.dim() == 4 && !other_order ? torch::MemoryFormat::ChannelsLast
                                                                   : torch::MemoryFormat::Contiguous;
          gradients.push_back(gradient.contiguous(format));
        }
        optimizer.step(gradients);
      }
      return find(net->parameters(), "conv2.weight").detach().clone();
    };
    BOOST_TEST(close(moved(std::type_identity<Adam>(), false), moved(std::type_identity<Adam>(), true), 1e-6));
    BOOST_TEST(close(moved(std::type_identity<AdamW>(), false), moved(std::type_identity<AdamW>(), true), 1e-6));
  }
}

BOOST_AUTO_TEST_CASE(a_loss_over_no_rows_lets_momentum_go_on) {
  const auto moved = [](bool known_to_be_zero) {
    const auto net = tinynet("net");
    Adam::Params params;
    params.lr = 1e-2;
    Adam adam(params, {{net.get()}}, Scope("adam"));
    Optimize().run({{loss_of(*net, 0)}}, {}, {{Write<Optimizer>(adam)}});
    const torch::Tensor loss = loss_of(*net, 1).tensor;
    Optimize().run({{Loss{known_to_be_zero ? with_zero_gradient(loss) : loss * 0}}}, {}, {{Write<Optimizer>(adam)}});
    return values(*net);
  };
  BOOST_TEST(same_numbers(moved(true), moved(false)));
}

BOOST_AUTO_TEST_SUITE_END()
