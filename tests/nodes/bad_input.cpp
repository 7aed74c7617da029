// What is left when there is too little: a class without samples, a subset without rows, a batch of one, numbers that
// do not vary. Streams shorter than a batch are in tests/graph/streams.cpp.
#include <torch/autograd.h>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/loss/cross_entropy.hpp"
#include "nodes/loss/info_nce.hpp"
#include "nodes/loss/negative_learning.hpp"
#include "nodes/loss/squared_difference.hpp"
#include "nodes/loss/symmetric_kl.hpp"
#include "nodes/loss/weighted_sum.hpp"
#include "nodes/measure/accuracy.hpp"
#include "nodes/network/pass.hpp"
#include "nodes/partition/class_margin.hpp"
#include "nodes/partition/partition_by_class.hpp"
#include "nodes/partition/small_loss.hpp"
#include "nodes/target/update_prototypes.hpp"
#include "nodes/update/optimize.hpp"
#include "nodes/update/sgd.hpp"
#include "tests/nodes/gradients.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(bad_input)

namespace {

torch::Tensor leaf(std::int64_t rows, std::int64_t columns) {
  return (torch::arange(rows * columns, torch::kFloat32) * 1.7F).sin().reshape({rows, columns}).requires_grad_();
}

bool finite(const torch::Tensor& tensor) { return tensor.isfinite().all().item<bool>(); }

// Each loss over some rows of a batch of `n`, and what it is a function of.
struct Case {
  std::string name;
  torch::Tensor loss;
  torch::Tensor input;
};

std::vector<Case> losses_over(std::int64_t n, const std::optional<Mask>& rows) {
  const torch::Tensor labels = torch::arange(n).remainder(3);
  const Targets targets{torch::full({n, 3}, 1.0F / 3)};
  std::vector<Case> cases;
  const auto add = [&](const std::string& name, const auto& make) {
    const torch::Tensor input = leaf(n, 3);
    cases.push_back({name, make(input).loss.tensor, input});
  };
  for (const Over over : {Over::rows, Over::batch}) {
    CrossEntropy::Params params;
    params.over = over;
    add("cross_entropy of labels", [&](const torch::Tensor& x) {
      return CrossEntropy().run({{x}, Labels{labels}, rows, {}}, params);
    });
    add("cross_entropy of targets", [&](const torch::Tensor& x) {
      return CrossEntropy().run({{x}, targets, rows, Weights{torch::ones({n})}}, params);
    });
  }
  add("squared_difference", [&](const torch::Tensor& x) {
    return SquaredDifference().run({{{torch::softmax(x, 1)}}, {targets}, rows}, {});
  });
  add("symmetric_kl", [&](const torch::Tensor& x) { return SymmetricKl().run({{x}, {x.detach() + 1}, rows}); });
  for (const Anchors anchors : {Anchors::a, Anchors::both}) {
    InfoNce::Params params;
    params.anchors = anchors;
    add("info_nce", [&](const torch::Tensor& x) { return InfoNce().run({{x}, {x.detach().flip({1})}, rows}, params); });
  }
  add("negative_learning", [&](const torch::Tensor& x) {
    return NegativeLearning().run({{torch::softmax(x, 1)}, targets, rows}, {});
  });
  return cases;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_loss_over_no_rows_is_zero_and_moves_nothing) {
  for (const Case& each : losses_over(4, Mask{torch::zeros({4}, torch::kBool)})) {
    BOOST_TEST(each.loss.item<double>() == 0, each.name);
    BOOST_TEST(same_numbers(gradients_of(each.loss, {each.input})[0], torch::zeros({4, 3})), each.name);
  }
  // In an optimizer beside another term: as if it were not there.
  Sgd::Params params;
  params.lr = 0.1;
  const auto net = tinynet("net"), other = copy_of(*net, "other");
  Sgd ours(params, {{net.get()}}, Scope("ours")), theirs(params, {{other.get()}}, Scope("theirs"));
  const auto loss = [](const Network& from, bool with_empty) {
    const Logits logits{from.train_forward(pixels(4), NormMode::leave, Random(1, 1, 1)).logits};
    const Labels labels{integers({0, 1, 2, 3})};
    const Loss whole = CrossEntropy().run({logits, labels, {}, {}}, {}).loss;
    if (!with_empty) return whole;
    const Loss empty = CrossEntropy().run({logits, labels, Mask{torch::zeros({4}, torch::kBool)}, {}}, {}).loss;
    return WeightedSum().run({{{whole, 1}, {empty, 5}}}).loss;
  };
  Optimize().run({{loss(*net, true)}}, {}, {{Write<Optimizer>(ours)}});
  Optimize().run({{loss(*other, false)}}, {}, {{Write<Optimizer>(theirs)}});
  BOOST_TEST(same_numbers(find(net->parameters(), "fc.weight"), find(other->parameters(), "fc.weight")));
}

BOOST_AUTO_TEST_CASE(losses_of_one_row_are_finite) {
  for (const std::optional<Mask>& rows : {std::optional<Mask>{}, std::optional<Mask>{Mask{booleans({1})}}})
    for (const Case& each : losses_over(1, rows)) {
      BOOST_TEST(finite(each.loss), each.name);
      BOOST_TEST(finite(gradients_of(each.loss, {each.input})[0]), each.name);
    }
  // One row has nothing to be told apart from.
  BOOST_TEST(InfoNce().run({{leaf(1, 3)}, {leaf(1, 3)}, {}}, {}).loss.tensor.item<double>() == 0);
  // Of one row, the smaller losses are one row or none.
  SmallLoss::Params params;
  params.keep = 0.9;
  BOOST_TEST(SmallLoss().run({{leaf(1, 3)}, {integers({0})}}, params).count.value == 1);
  params.rounding = Rounding::floor;
  BOOST_TEST(SmallLoss().run({{leaf(1, 3)}, {integers({0})}}, params).count.value == 0);
}

BOOST_AUTO_TEST_CASE(a_class_without_samples_keeps_what_it_has) {
  // Class 1 has no sample, class 2 none that is right.
  const torch::Tensor probs = floats({{0.9F, 0.05F, 0.05F}, {0.7F, 0.2F, 0.1F}, {0.6F, 0.3F, 0.1F}});
  const torch::Tensor labels = integers({0, 0, 2});
  const auto margin = table(torch::tensor({0.5F, 0.6F, 0.7F}));
  const auto fitted = ClassMargin().run({{probs}, {labels}}, {}, {Write<Table>(*margin)});
  BOOST_TEST(close(margin->values(), torch::tensor({0.8F, 0.6F, 0.7F})));
  BOOST_TEST(same_numbers(fitted.correct.tensor, integers({2, 0, 0})));

  const auto clean = table(torch::tensor({0.5F, 0.6F, 0.7F})), noisy = table(torch::tensor({0.4F, 0.3F, 0.2F}));
  const auto subset = table(integers({9, 9, 9}));
  PartitionByClass().run({{probs.amax(1)}, {probs.argmax(1)}, {labels}, {integers({0, 1, 2})}}, {},
                         {Write<Table>(*clean), Write<Table>(*noisy), Write<Table>(*subset)});
  BOOST_TEST(close(clean->values(), torch::tensor({0.8F, 0.6F, 0.7F})));
  BOOST_TEST(close(noisy->values(), torch::tensor({0.2F, 0.3F, 0.2F})));

  const Accuracy::Out measured = Accuracy().run({{probs}, {labels}, {}}, {});
  BOOST_TEST(same_numbers(measured.recall.tensor.nan_to_num(-1), torch::tensor({1.0, -1.0, 0.0}, torch::kFloat64)));
  BOOST_TEST(measured.mean_recall.value == 0.5);

  const auto prototypes = table(torch::eye(3));
  UpdatePrototypes().run({{floats({{0, 1, 0}})}, {integers({0})}, {}}, {}, {Write<Table>(*prototypes)});
  BOOST_TEST(same_numbers(prototypes->values().narrow(0, 1, 2), torch::eye(3).narrow(0, 1, 2)));
}

BOOST_AUTO_TEST_CASE(one_value_per_channel_has_no_batch_statistics) {
  Network::Params params;
  params.classes = 3;
  params.backbone = BackboneName::resnet18;
  const Network net(params, {}, Scope());
  const Random draws(1, 1, 1);
  BOOST_TEST(fails_with(
      "Batch normalisation with the statistics of the batch needs more than one value per channel, but these maps are "
      "[1, 512, 1, 1]. Use more than one image per batch, larger images, or 'mode: eval'.",
      [&] { net.train_forward(pixels(1, 0, 32), NormMode::update, draws); }));
  // Two images, larger ones, or running statistics have what it takes.
  BOOST_TEST(finite(net.train_forward(pixels(2, 0, 32), NormMode::update, draws).logits));
  BOOST_TEST(finite(net.train_forward(pixels(1, 0, 64), NormMode::update, draws).logits));
  BOOST_TEST(finite(net.eval_forward(pixels(1, 0, 32)).logits));
  for (const auto& [name, tensor] : net.buffers()) BOOST_TEST(finite(tensor), name);
}

BOOST_AUTO_TEST_CASE(images_without_variance_have_finite_gradients) {
  for (const bool normalize : {false, true}) {
    Network::Params params;
    params.normalize_feature = normalize;
    const auto net = tinynet("net", params);
    const torch::Tensor grey = torch::full({4, 8, 8, 3}, 128, torch::kUInt8);
    std::vector<torch::Tensor> parameters;
    for (const auto& [name, tensor] : net->parameters()) parameters.push_back(tensor);
    for (const torch::Tensor& images : {grey, torch::zeros({2, 3, 8, 8})}) {
      const NetworkOutput out = net->train_forward(images, NormMode::update, Random(1, 1, 1));
      const torch::Tensor loss = torch::log_softmax(out.logits, 1).select(1, 0).neg().mean() +
                                 InfoNce().run({{out.features}, {out.features.detach()}, {}}, {}).loss.tensor;
      BOOST_TEST(finite(loss));
      for (const torch::Tensor& gradient : torch::autograd::grad({loss}, parameters)) BOOST_TEST(finite(gradient));
    }
    for (const auto& [name, tensor] : net->buffers()) BOOST_TEST(finite(tensor), name);
  }
  // Features of zero have no direction: their cosines are 0.
  const torch::Tensor nothing = torch::zeros({3, 4}).requires_grad_();
  const torch::Tensor loss = InfoNce().run({{nothing}, {nothing * 1}, {}}, {}).loss.tensor;
  BOOST_TEST(close(loss, torch::tensor(std::log(5.0F))));
  BOOST_TEST(finite(torch::autograd::grad({loss}, {nothing})[0]));
}

BOOST_AUTO_TEST_SUITE_END()
