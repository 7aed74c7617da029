#include <boost/test/unit_test.hpp>

#include "nodes/target/binned_weights.hpp"
#include "nodes/target/store_weights.hpp"
#include "nodes/target/weights_of.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(sample_weights)

BOOST_AUTO_TEST_CASE(weights_are_kept_by_sample) {
  const auto kept = table(torch::ones({5}));
  StoreWeights().run({{torch::tensor({0.25, 0.5}, torch::kFloat64).requires_grad_()}, {integers({3, 0})}},
                     {Write<Table>(*kept)});
  BOOST_TEST(same_numbers(kept->values(), torch::tensor({0.5F, 1.0F, 1.0F, 0.25F, 1.0F})));
  const Weights rows = WeightsOf().run({{integers({3, 3, 4})}}, {Read<Table>(*kept)}).weights;
  BOOST_TEST(same_numbers(rows.tensor, torch::tensor({0.25F, 0.25F, 1.0F})));
  // A copy: the table may change after this node.
  kept->values().fill_(0);
  BOOST_TEST(same_numbers(rows.tensor, torch::tensor({0.25F, 0.25F, 1.0F})));
  BOOST_TEST(WeightsOf().run({{integers({})}}, {Read<Table>(*kept)}).weights.tensor.numel() == 0);
  BOOST_TEST(fails_with("'index' has 1 rows but 'weights' has 2.", [&] {
    StoreWeights().run({{torch::ones({2})}, {integers({0})}}, {Write<Table>(*kept)});
  }));
}

BOOST_AUTO_TEST_CASE(weights_are_looked_up_by_interval) {
  const auto bins = table(torch::tensor({0.0F, 0.25F, 0.5F, 1.0F}));
  const Score score{torch::tensor({0.0F, 0.2499999F, 0.25F, 0.74F, 0.75F, 1.0F, 1.5F, -0.2F})};
  BinnedWeights::Params params;
  BOOST_TEST(same_numbers(BinnedWeights().run({score}, params, {Read<Table>(*bins)}).weights.tensor,
                          torch::tensor({0.0F, 0.0F, 0.25F, 0.5F, 1.0F, 1.0F, 1.0F, 0.0F})));
  params.clip = 0.1;
  BOOST_TEST(same_numbers(BinnedWeights().run({score}, params, {Read<Table>(*bins)}).weights.tensor,
                          torch::tensor({0.1F, 0.1F, 0.25F, 0.5F, 0.9F, 0.9F, 0.9F, 0.1F})));
  BOOST_TEST(BinnedWeights().run({{torch::zeros({0})}}, params, {Read<Table>(*bins)}).weights.tensor.numel() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
