#include <torch/autograd.h>
#include <torch/nn/functional.h>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/loss/cross_entropy.hpp"
#include "nodes/loss/hinted_cross_entropy.hpp"
#include "nodes/loss/info_nce.hpp"
#include "nodes/loss/negative_learning.hpp"
#include "nodes/loss/sigmoid_gap.hpp"
#include "nodes/loss/squared_difference.hpp"
#include "nodes/loss/symmetric_kl.hpp"
#include "nodes/loss/weighted_sum.hpp"
#include "tests/nodes/gradients.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(losses)

namespace {

// float64 numbers that look random, with a gradient.
torch::Tensor leaf(std::int64_t rows, std::int64_t columns, double shift = 0) {
  const torch::Tensor angles = torch::arange(rows * columns, torch::kFloat64) * 1.7 + shift;
  return (angles.sin() * 2).reshape({rows, columns}).requires_grad_();
}

bool is_zero(const torch::Tensor& loss, const torch::Tensor& input) {
  const torch::Tensor gradient = gradients_of(loss, {input})[0];
  return loss.item<double>() == 0 && same_numbers(gradient, torch::zeros_like(input));
}

}  // namespace

BOOST_AUTO_TEST_CASE(hints_cost_confidence) {
  const torch::Tensor probs = floats({{0.25F, 0.75F}, {0.5F, 0.5F}}).requires_grad_();
  const torch::Tensor sure = torch::tensor({0.5F, 0.8F}).requires_grad_();
  const auto weight = table(torch::tensor({0.1F}));
  const HintedCrossEntropy::State states{Write<Table>(*weight)};
  const HintedCrossEntropy::In in{{probs}, {sure}, {integers({0, 1})}};
  HintedCrossEntropy::Params params;
  params.hint_probability = 1;
  // 0.5 * 0.25 + 0.5 = 0.625 and 0.8 * 0.5 + 0.2 = 0.6.
  HintedCrossEntropy::Out out = HintedCrossEntropy().run(in, params, states, Context());
  const double asked = -(std::log(0.5) + std::log(0.8)) / 2;
  BOOST_TEST(close(out.task.tensor, torch::tensor(-(std::log(0.625) + std::log(0.6)) / 2, torch::kFloat32)));
  BOOST_TEST(close(out.asked.tensor, torch::tensor(asked, torch::kFloat32)));
  BOOST_TEST(close(out.loss.tensor, out.task.tensor + 0.1 * out.asked.tensor));
  BOOST_TEST(asked > params.budget);
  BOOST_TEST(close(weight->values(), torch::tensor({0.1F / 0.99F})));
  const auto gradients = gradients_of(out.loss.tensor, {probs, sure});
  BOOST_TEST(close(gradients[0][0][0], torch::tensor(-0.5F / 0.625F / 2)));
  // -(0.25 - 1)/0.625/2 - 0.1/0.5/2
  BOOST_TEST(close(gradients[1][0], torch::tensor(0.5F)));

  params.hint_probability = 0;
  params.budget = 0.5;
  out = HintedCrossEntropy().run(in, params, states, Context());
  BOOST_TEST(close(out.task.tensor, torch::tensor(-(std::log(0.25) + std::log(0.5)) / 2, torch::kFloat32)));
  BOOST_TEST(close(weight->values(), torch::tensor({0.1F / 0.99F / 1.01F})));
}

BOOST_AUTO_TEST_CASE(cross_entropy_of_labels) {
  const torch::Tensor x = leaf(4, 3);
  const torch::Tensor y = integers({2, 0, 1, 1});
  const torch::Tensor nll = -torch::log_softmax(x, 1).gather(1, y.unsqueeze(1)).squeeze(1);
  const CrossEntropy::Out plain = CrossEntropy().run({{x}, Labels{y}, {}, {}}, {});
  BOOST_TEST(close(plain.each.tensor, nll));
  BOOST_TEST(close(plain.loss.tensor, nll.mean()));
  BOOST_TEST(!plain.each.tensor.requires_grad());
  // The gradient of the mean: (softmax - one-hot) / N.
  const torch::Tensor gradient = gradients_of(plain.loss.tensor, {x})[0];
  BOOST_TEST(close(gradient, (torch::softmax(x, 1) - torch::one_hot(y, 3)) / 4));

  const Mask rows{booleans({1, 0, 0, 1})};
  const Weights weights{torch::tensor({0.5, 1.0, 1.0, 2.0})};
  BOOST_TEST(close(CrossEntropy().run({{x}, Labels{y}, rows, {}}, {}).loss.tensor, (nll[0] + nll[3]) / 2));
  BOOST_TEST(
      close(CrossEntropy().run({{x}, Labels{y}, rows, weights}, {}).loss.tensor, (0.5 * nll[0] + 2 * nll[3]) / 2));
  CrossEntropy::Params params;
  params.over = Over::batch;
  BOOST_TEST(close(CrossEntropy().run({{x}, Labels{y}, rows, {}}, params).loss.tensor, (nll[0] + nll[3]) / 4));
  BOOST_TEST(close(CrossEntropy().run({{x}, Labels{y}, {}, weights}, params).loss.tensor,
                   (0.5 * nll[0] + nll[1] + nll[2] + 2 * nll[3]) / 4));
}

BOOST_AUTO_TEST_CASE(cross_entropy_without_rows_is_zero_with_a_gradient) {
  const torch::Tensor x = leaf(2, 3);
  for (const Over over : {Over::rows, Over::batch}) {
    CrossEntropy::Params params;
    params.over = over;
    BOOST_TEST(is_zero(
        CrossEntropy().run({{x}, Labels{integers({0, 1})}, Mask{booleans({0, 0})}, {}}, params).loss.tensor, x));
  }
}

BOOST_AUTO_TEST_CASE(cross_entropy_of_soft_targets_and_smoothing) {
  const torch::Tensor x = leaf(2, 3), log_probs = torch::log_softmax(x, 1);
  const torch::Tensor target = torch::tensor({{0.2, 0.3, 0.5}, {1.0, 0.0, 0.0}}, torch::kFloat64);
  BOOST_TEST(
      close(CrossEntropy().run({{x}, Targets{target}, {}, {}}, {}).loss.tensor, -(target * log_probs).sum() / 2));
  CrossEntropy::Params params;
  params.smoothing = 0.1;
  const torch::Tensor smooth = 0.9 * target + 0.1 / 3;
  BOOST_TEST(
      close(CrossEntropy().run({{x}, Targets{target}, {}, {}}, params).loss.tensor, -(smooth * log_probs).sum() / 2));
  const torch::Tensor y = integers({2, 1});
  const auto options = torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(0.1);
  BOOST_TEST(close(CrossEntropy().run({{x}, Labels{y}, {}, {}}, params).loss.tensor,
                   torch::nn::functional::cross_entropy(x, y, options)));
}

BOOST_AUTO_TEST_CASE(rows_of_unknown_class_count_as_zero) {
  for (const double smoothing : {0.0, 0.2}) {
    CrossEntropy::Params params;
    params.smoothing = smoothing;
    const torch::Tensor x = leaf(2, 3);
    const auto out = CrossEntropy().run({{x}, Labels{integers({-1, 1})}, {}, {}}, params);
    BOOST_TEST(out.each.tensor[0].item<double>() == 0);
    BOOST_TEST(same_numbers(gradients_of(out.loss.tensor, {x})[0][0], torch::zeros({3})));
  }
}

BOOST_AUTO_TEST_CASE(labels_beyond_the_classes_are_told_with_the_remedy) {
  const torch::Tensor logits = leaf(2, 6);
  BOOST_TEST(
      fails_with("There is a sample with the label 6, but there are 6 classes (0 … 5). Set 'classes' and "
                 "'class_names' in the data file to those of the data set.",
                 [&] {
                   cross_entropy_rows(logits, Labels{integers({0, 6})}, 0);
                 }));
  BOOST_TEST(fails_with("'target' has 3 rows but 'logits' has 2.", [&] {
    cross_entropy_rows(logits, Labels{integers({0, 1, 2})}, 0);
  }));
}

BOOST_AUTO_TEST_CASE(squared_difference_means_or_sums_over_classes) {
  const torch::Tensor a = floats({{0.5F, 0.5F}, {1, 0}}).requires_grad_(), b = floats({{0.1F, 0.9F}});
  const SquaredDifference::In in{{{a}, {b}}, {Probs{b}, Targets{floats({{0, 1}, {0.1F, 0.9F}})}}, {}};
  // Rows: .16+.16, 1+1, 0.
  BOOST_TEST(close(SquaredDifference().run(in, {}).loss.tensor, torch::tensor(2.32F / 6)));
  SquaredDifference::Params sum;
  sum.classes = OverClasses::sum;
  BOOST_TEST(close(SquaredDifference().run(in, sum).loss.tensor, torch::tensor(2.32F / 3)));
  BOOST_TEST(close(SquaredDifference().run(in, sum).each.tensor, torch::tensor({0.32F, 2.0F, 0.0F})));
  BOOST_TEST(
      close(SquaredDifference().run({in.a, in.b, Mask{booleans({1, 0, 1})}}, sum).loss.tensor, torch::tensor(0.16F)));
  BOOST_TEST(is_zero(SquaredDifference().run({in.a, in.b, Mask{booleans({0, 0, 0})}}, sum).loss.tensor, a));
  BOOST_TEST(fails_with("different numbers of rows", [&] { SquaredDifference().run({in.a, {Probs{b}}, {}}, {}); }));
}

BOOST_AUTO_TEST_CASE(symmetric_kl_is_the_sum_of_both_directions) {
  const torch::Tensor a = leaf(3, 4), b = leaf(3, 4, 0.4);
  const torch::Tensor p = torch::log_softmax(a, 1), q = torch::log_softmax(b, 1);
  const torch::Tensor each =
      torch::kl_div(q, p, at::Reduction::None, true).sum(1) + torch::kl_div(p, q, at::Reduction::None, true).sum(1);
  const SymmetricKl::Out out = SymmetricKl().run({{a}, {b}, {}});
  BOOST_TEST(close(out.each.tensor, each));
  BOOST_TEST(close(out.loss.tensor, each.mean()));
  const auto ours = gradients_of(out.loss.tensor, {a, b}), theirs = torch::autograd::grad({each.mean()}, {a, b});
  BOOST_TEST(close(ours[0], theirs[0]));
  BOOST_TEST(close(ours[1], theirs[1]));
  BOOST_TEST(close(SymmetricKl().run({{a}, {b}, Mask{booleans({0, 1, 0})}}).loss.tensor, each[1]));
  BOOST_TEST(is_zero(SymmetricKl().run({{a}, {b}, Mask{booleans({0, 0, 0})}}).loss.tensor, a));
}

BOOST_AUTO_TEST_CASE(info_nce_contrasts_against_all_other_features) {
  const torch::Tensor a = leaf(4, 3), b = leaf(4, 3, 0.9);
  const std::vector<std::int64_t> rows = {0, 2, 3};
  const double temperature = 0.4;
  const auto similarity = [&](const torch::Tensor& x, std::int64_t i, const torch::Tensor& y, std::int64_t j) {
    return (torch::dot(x[i], y[j]) / (x[i].norm() * y[j].norm()) / temperature).item<double>();
  };
  const auto anchor = [&](const torch::Tensor& own, const torch::Tensor& other, std::int64_t i) {
    double sum = 0;
    for (const std::int64_t j : rows) {
      if (j != i) sum += std::exp(similarity(own, i, own, j));
      sum += std::exp(similarity(own, i, other, j));
    }
    return std::log(sum) - similarity(own, i, other, i);
  };
  double of_a = 0, of_b = 0;
  for (const std::int64_t i : rows) {
    of_a += anchor(a, b, i) / 3;
    of_b += anchor(b, a, i) / 3;
  }
  InfoNce::Params params;
  params.temperature = temperature;
  const InfoNce::In in{{a}, {b}, Mask{booleans({1, 0, 1, 1})}};
  const torch::Tensor both = InfoNce().run(in, params).loss.tensor;
  BOOST_TEST(std::abs(both.item<double>() - (of_a + of_b) / 2) < 1e-9);
  params.anchors = Anchors::a;
  const torch::Tensor one = InfoNce().run(in, params).loss.tensor;
  BOOST_TEST(std::abs(one.item<double>() - of_a) < 1e-9);
  const auto gradients = gradients_of(one, {a, b});
  BOOST_TEST(gradients[0].isfinite().all().item<bool>());
  BOOST_TEST(gradients[0][1].abs().max().item<double>() == 0);
  BOOST_TEST(gradients[1][0].abs().max().item<double>() > 0);
  BOOST_TEST(is_zero(InfoNce().run({{a}, {b}, Mask{booleans({0, 0, 0, 0})}}, params).loss.tensor, a));
}

BOOST_AUTO_TEST_CASE(negative_learning_pushes_complementary_classes_down) {
  const torch::Tensor p = floats({{0.25F, 0.75F, 0}, {0, 0, 1}}).requires_grad_();
  const Targets complementary{floats({{1, 0, 1}, {0, 0, 1}})};
  const NegativeLearning::Out out = NegativeLearning().run({{p}, complementary, {}}, {});
  BOOST_TEST(close(out.each.tensor, torch::tensor({-std::log(0.75F), -std::log(1e-5F)}), 1e-5));
  BOOST_TEST(close(NegativeLearning().run({{p}, complementary, Mask{booleans({1, 0})}}, {}).loss.tensor,
                   torch::tensor(-std::log(0.75F))));
  NegativeLearning::Params linear;
  linear.form = NegativeForm::linear;
  BOOST_TEST(
      close(NegativeLearning().run({{p}, complementary, {}}, linear).each.tensor, torch::tensor({-1.75F, 0.0F})));
  BOOST_TEST(is_zero(NegativeLearning().run({{p}, complementary, Mask{booleans({0, 0})}}, {}).loss.tensor, p));
}

BOOST_AUTO_TEST_CASE(a_weighted_sum_adds_the_terms_that_are_there) {
  const torch::Tensor x = torch::tensor(3.0F).requires_grad_();
  const WeightedSum::Out out = WeightedSum().run({{{{x}, 0.5}, {{x * x}, 2}}});
  BOOST_TEST(out.loss.tensor.item<float>() == 19.5F);
  BOOST_TEST(gradients_of(out.loss.tensor, {x})[0].item<float>() == 12.5F);
  BOOST_TEST(WeightedSum().run({}).loss.tensor.item<double>() == 0);
}

BOOST_AUTO_TEST_CASE(sigmoid_gap_is_the_binary_cross_entropy_of_the_gap_to_the_largest) {
  const torch::Tensor x = leaf(3, 4);
  const torch::Tensor bank = torch::tensor({{0, 1, 0, 0}, {1, 0, 0, 1}, {0, 0, 1, 0}}, torch::kFloat64);
  const torch::Tensor u = torch::sigmoid(x);
  const torch::Tensor d = u.amax(1, true) - u;
  const torch::Tensor each = -(bank * d.log().clamp_min(-100) + (1 - bank) * (1 - d).log()).mean(1);
  BOOST_TEST(close(SigmoidGap().run({{x}, {bank}, {}}, {}).loss.tensor, each.mean()));
  const Mask rows{booleans({1, 0, 1})};
  BOOST_TEST(close(SigmoidGap().run({{x}, {bank}, rows}, {}).loss.tensor, (each[0] + each[2]) / 2));
  SigmoidGap::Params params;
  params.mask_as_index = true;
  BOOST_TEST(close(SigmoidGap().run({{x}, {bank}, rows}, params).loss.tensor, each[1]));
  BOOST_TEST(is_zero(SigmoidGap().run({{x}, {bank}, Mask{booleans({0, 0, 0})}}, params).loss.tensor, x));
  const torch::Tensor one = leaf(1, 4);
  BOOST_TEST(is_zero(SigmoidGap().run({{one}, {bank.narrow(0, 0, 1)}, Mask{booleans({0})}}, params).loss.tensor, one));
  BOOST_TEST(fails_with("'mask_as_index' takes the batch's second row, but there is only one.", [&] {
    SigmoidGap().run({{one}, {bank.narrow(0, 0, 1)}, {}}, params);
  }));
  BOOST_TEST(fails_with("'complementary' has 1 rows but 'logits' has 3.", [&] {
    SigmoidGap().run({{x}, {bank.narrow(0, 0, 1)}, {}}, {});
  }));
}

BOOST_AUTO_TEST_CASE(a_complementary_label_at_the_largest_logit_has_a_term_of_100_and_no_gradient) {
  const torch::Tensor x = torch::tensor({{2.0F, 1.0F, 0.5F, -1.0F}}).requires_grad_();
  const torch::Tensor at_largest = floats({{1, 0, 0, 0}}), none = torch::zeros({1, 4});
  const torch::Tensor loss = SigmoidGap().run({{x}, {at_largest}, {}}, {}).loss.tensor;
  BOOST_TEST(close(loss, SigmoidGap().run({{x}, {none}, {}}, {}).loss.tensor + 25, 1e-5));
  // 1e12 at the class itself, once with each sign; what the others pass on through the maximum is lost beside it.
  const torch::Tensor gradient = gradients_of(loss, {x})[0];
  BOOST_TEST(gradient[0][0].item<float>() == 0);
  BOOST_TEST(gradient.isfinite().all().item<bool>());
}

BOOST_AUTO_TEST_SUITE_END()
