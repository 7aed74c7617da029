#include <boost/test/unit_test.hpp>

#include "nodes/measure/accuracy.hpp"
#include "nodes/measure/number.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(measures)

BOOST_AUTO_TEST_CASE(accuracy_counts_samples_without_prediction_as_wrong) {
  const Probs probs{floats({{0.8F, 0.1F, 0.1F}, {0.8F, 0.1F, 0.1F}, {0, 1, 0}, {0, 0, 1}})};
  const Accuracy::In in{probs, {integers({0, 1, 1, -1})}, {}};
  const Accuracy::Out out = Accuracy().run(in);
  BOOST_TEST(std::abs(out.accuracy.value - 2.0 / 3) < 1e-12);
  BOOST_TEST(same_numbers(out.confusion.tensor, floats({{1, 0, 0}, {1, 1, 0}, {0, 0, 0}})));
  BOOST_TEST(same_numbers(out.recall.tensor, torch::tensor({1.0, 0.5, -1.0})));
  BOOST_TEST(out.mean_recall.value == 0.75);
  const Accuracy::Out punished = Accuracy().run({probs, in.labels, Labels{integers({2, 0, -1})}});
  BOOST_TEST(punished.accuracy.value == 2.0 / 5);
  BOOST_TEST(same_numbers(punished.recall.tensor, torch::tensor({0.5, 0.5, 0.0})));
  BOOST_TEST(std::abs(punished.mean_recall.value - 1.0 / 3) < 1e-12);
  for (const std::int64_t wrong : {3, -2})
    BOOST_TEST(fails_with("There is a sample with the label " + std::to_string(wrong) +
                              ", but there are 3 classes (0 … 2). Set 'classes' and 'class_names' in the data file to "
                              "those of the data set.",
                          [&] {
                            Accuracy().run({probs, {integers({0, 1, 1, wrong})}, {}});
                          }));
}

BOOST_AUTO_TEST_CASE(labels_of_other_rows_than_the_probs_are_refused) {
  const Probs probs{floats({{0.8F, 0.2F}, {0.3F, 0.7F}})};
  for (const torch::Tensor& labels : {integers({0, 1, 1}), integers({0})})
    BOOST_TEST(fails_with("'labels' has " + std::to_string(labels.size(0)) +
                              " rows but 'probs' has 2. Both must come from the same rows; check which stream or pass "
                              "each refers to.",
                          [&] {
                            Accuracy().run({probs, {labels}, {}});
                          }));
}

BOOST_AUTO_TEST_CASE(a_number_is_its_formula) {
  NumberNode::Params params;
  params.value = 2.5;
  BOOST_TEST(NumberNode().run(params).value.value == 2.5);
}

BOOST_AUTO_TEST_CASE(tensors_become_numbers) {
  const NumericArray real = numbers_of(floats({{1, 2}, {3, 4}}).t().requires_grad_());
  BOOST_TEST((real.shape == std::vector<std::int64_t>{2, 2}));
  BOOST_TEST((std::get<0>(real.values) == std::vector<double>{1, 3, 2, 4}));
  const NumericArray flags = numbers_of(booleans({1, 0}));
  BOOST_TEST(flags.is_integer());
  BOOST_TEST(flags.at(0) == 1);
  BOOST_TEST(numbers_of(torch::tensor(7, torch::kInt64)).shape.empty());
  BOOST_TEST(numbers_of(torch::Tensor()).size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
