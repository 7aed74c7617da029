#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/score/label_probability.hpp"
#include "nodes/score/label_similarity.hpp"
#include "nodes/score/rescale.hpp"
#include "nodes/score/weighted_scores.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(label_scores)

BOOST_AUTO_TEST_CASE(similarity_is_the_cosine_to_the_label) {
  const torch::Tensor probs = floats({{0.6F, 0.3F, 0.1F}, {0.6F, 0.3F, 0.1F}, {1, 0, 0}, {1, 0, 0}, {0.5F, 0.5F, 0}});
  const Labels labels{integers({0, 1, 0, 2, -1})};
  const float length = std::sqrt(0.46F);
  LabelSimilarity::Params params;
  const auto plain = LabelSimilarity().run({{probs.clone().requires_grad_()}, labels}, params);
  BOOST_TEST(close(plain.similarity.tensor, torch::tensor({0.6F / length, 0.3F / length, 1.0F, 0.0F, 0.0F})));
  BOOST_TEST(same_numbers(plain.score.tensor, plain.similarity.tensor));
  BOOST_TEST(!plain.score.tensor.requires_grad());
  params.inset = 0.001;
  const auto inside = LabelSimilarity().run({{probs}, labels}, params);
  BOOST_TEST(same_numbers(inside.similarity.tensor, plain.similarity.tensor));
  BOOST_TEST(same_numbers(inside.score.tensor, torch::tensor({0.6F / length, 0.3F / length, 0.999F, 0.001F, 0.001F})));
  BOOST_TEST(fails_with("'labels' has 1 rows but 'probs' has 5.", [&] {
    LabelSimilarity().run({{probs}, {integers({0})}}, params);
  }));
  BOOST_TEST(fails_with("There is a sample with the label 3", [&] {
    LabelSimilarity().run({{probs}, {integers({0, 1, 2, 3, 0})}}, params);
  }));
  BOOST_TEST(LabelSimilarity().run({{torch::zeros({0, 3})}, {integers({})}}, params).score.tensor.numel() == 0);
}

BOOST_AUTO_TEST_CASE(scores_are_rescaled_between_percentiles) {
  Rescale::Params params;
  params.lower = 0;
  params.upper = 100;
  params.inset = 0.01;
  const auto whole = Rescale().run({{torch::tensor({2.0F, 4.0F, 3.0F, 2.5F})}}, params);
  BOOST_TEST(close(whole.score.tensor, torch::tensor({0.01F, 1.0F, 0.5F, 0.25F}), 2e-6));
  BOOST_TEST(whole.inside.tensor.all().item<bool>());
  // Between neighbours: of 0 … 10, percentile 15 is 1.5, percentile 85 is 8.5.
  params.lower = 15;
  params.upper = 85;
  const auto middle = Rescale().run({{torch::arange(11, torch::kFloat32)}}, params);
  BOOST_TEST(close(middle.score.tensor[5], torch::tensor(0.5F), 1e-5));
  BOOST_TEST(same_numbers(middle.score.tensor.narrow(0, 9, 2), torch::tensor({0.99F, 0.99F})));
  BOOST_TEST(same_numbers(middle.score.tensor.narrow(0, 0, 2), torch::tensor({0.01F, 0.01F})));
  BOOST_TEST(same_numbers(middle.inside.tensor, booleans({0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0})));
  BOOST_TEST(same_numbers(Rescale().run({{torch::full({3}, 7.0F)}}, params).score.tensor, torch::full({3}, 0.01F)));
  BOOST_TEST(same_numbers(Rescale().run({{torch::tensor({7.0F})}}, params).score.tensor, torch::tensor({0.01F})));
  BOOST_TEST(fails_with("There is no score to take percentiles of: the set is empty.",
                        [&] { Rescale().run({{torch::zeros({0})}}, params); }));
}

BOOST_AUTO_TEST_CASE(weighted_scores_add_the_terms_that_are_there) {
  const torch::Tensor a = torch::tensor({1.0F, 2.0F}).requires_grad_(), b = torch::tensor({10.0F, 20.0F});
  const Score sum = WeightedScores().run({{{{a}, 0.5}, {{b}, 2}}}).score;
  BOOST_TEST(same_numbers(sum.tensor, torch::tensor({20.5F, 41.0F})));
  BOOST_TEST(!sum.tensor.requires_grad());
  BOOST_TEST(fails_with("None of the 'terms' ran in this step. Put the same 'when' on this node.",
                        [] { WeightedScores().run({}); }));
  BOOST_TEST(fails_with("'terms' has 1 rows but 'terms' has 2.", [&] {
    WeightedScores().run({{{{a}, 1}, {{torch::ones({1})}, 1}}});
  }));
}

BOOST_AUTO_TEST_CASE(label_probability_is_the_mean_over_networks_of_that_of_the_label) {
  const torch::Tensor first = floats({{0.5, 0.25, 0.25}, {0, 1, 0}, {0.2, 0.2, 0.6}}).requires_grad_();
  const torch::Tensor second = floats({{0.25, 0.5, 0.25}, {0.5, 0.5, 0}, {0.1, 0.1, 0.8}});
  const torch::Tensor score = LabelProbability().run({{{first}, {second}}, {integers({1, 0, -1})}}).score.tensor;
  BOOST_TEST(close(score, floats({{0.375, 0.25, 0}})[0]));
  BOOST_TEST(!score.requires_grad());
  BOOST_CHECK_THROW(LabelProbability().run({{{first}}, {integers({1, 0})}}), std::runtime_error);
  BOOST_CHECK_THROW(LabelProbability().run({{{first}}, {integers({1, 0, 3})}}), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
