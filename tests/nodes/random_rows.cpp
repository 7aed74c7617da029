#include "nodes/partition/random_rows.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(random_rows)

BOOST_AUTO_TEST_CASE(each_class_is_covered_with_its_probability) {
  const torch::Tensor labels = torch::arange(4000, torch::kInt64).remainder(4) - 1;  // -1, 0, 1, 2
  RandomRows::Params params;
  params.share = {0, 0.9, 1};
  const auto draw = [&](std::int64_t iteration) {
    return RandomRows().run({{labels}}, params, context("step.back", iteration)).rows.tensor;
  };
  const torch::Tensor rows = draw(1);
  const auto covered = [&](std::int64_t label) {
    return rows.masked_select(labels.eq(label)).sum().item<std::int64_t>();
  };
  BOOST_TEST(covered(-1) == 0);
  BOOST_TEST(covered(0) == 0);
  BOOST_TEST(covered(2) == 1000);
  // 1000 draws of probability 0.9 have a standard deviation of 9.5.
  BOOST_TEST(covered(1) > 860);
  BOOST_TEST(covered(1) < 940);
  BOOST_TEST(rows.equal(draw(1)));
  BOOST_TEST(!rows.equal(draw(2)));
}

BOOST_AUTO_TEST_CASE(one_probability_is_for_all_classes) {
  RandomRows::Params params;
  params.share = {1};
  BOOST_TEST(RandomRows().run({{integers({0, 6, -1})}}, params, context()).rows.tensor.equal(booleans({1, 1, 0})));
}

BOOST_AUTO_TEST_CASE(wrong_shares_are_told) {
  RandomRows::Params params;
  params.share = {0.5, 1.5};
  BOOST_TEST(fails_with("'share' holds probabilities from 0 to 1, and 1.500000 is none.",
                        [&] { RandomRows().run({{integers({0})}}, params, context()); }));
  params.share = {0.5, 1};
  BOOST_TEST(
      fails_with("'share' has 2 probabilities, but a row is of class 2, counted from 0. Give one for each class, "
                 "or one for all.",
                 [&] { RandomRows().run({{integers({2})}}, params, context()); }));
}

BOOST_AUTO_TEST_SUITE_END()
