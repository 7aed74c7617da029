// That nodes compute where their inputs are: tried with LibTorch's device `meta`, which has shapes and no numbers, so
// that whatever is made on the host by mistake is told as a mixture of devices.
#include <boost/test/unit_test.hpp>

#include "nodes/loss/cross_entropy.hpp"
#include "nodes/loss/info_nce.hpp"
#include "nodes/loss/negative_learning.hpp"
#include "nodes/loss/squared_difference.hpp"
#include "nodes/loss/symmetric_kl.hpp"
#include "nodes/loss/weighted_sum.hpp"
#include "nodes/partition/small_loss.hpp"
#include "nodes/score/confidence.hpp"
#include "nodes/score/sharpen.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(devices)

namespace {

torch::Tensor elsewhere(std::vector<std::int64_t> shape, torch::ScalarType type = torch::kFloat32) {
  return torch::empty(shape, torch::TensorOptions().device(torch::kMeta).dtype(type));
}

bool is_elsewhere(const torch::Tensor& tensor) { return tensor.device().is_meta(); }

}  // namespace

BOOST_AUTO_TEST_CASE(losses_are_where_their_scores_are) {
  const torch::Tensor scores = elsewhere({4, 3});
  // Labels and weights of a batch, and masks of a node that looked them up, are on the host.
  const Target labels = Labels{integers({0, 1, 2, -1})};
  const Target targets = Targets{torch::full({4, 3}, 1.0F / 3)};
  const std::vector<std::optional<Mask>> masks = {{}, Mask{booleans({1, 0, 1, 1})}, Mask{elsewhere({4}, torch::kBool)}};
  for (const std::optional<Mask>& rows : masks) {
    for (const Target& target : {labels, targets}) {
      CrossEntropy::Params params;
      params.smoothing = 0.1;
      const auto out = CrossEntropy().run({{scores}, target, rows, Weights{torch::ones({4})}}, params);
      BOOST_TEST(is_elsewhere(out.loss.tensor));
      BOOST_TEST(is_elsewhere(out.each.tensor));
    }
    BOOST_TEST(is_elsewhere(SquaredDifference().run({{{scores}}, {Probs{scores}}, rows}, {}).loss.tensor));
    BOOST_TEST(is_elsewhere(SymmetricKl().run({{scores}, {scores}, rows}).loss.tensor));
    BOOST_TEST(is_elsewhere(NegativeLearning().run({{scores}, {torch::ones({4, 3})}, rows}, {}).loss.tensor));
  }
  BOOST_TEST(is_elsewhere(InfoNce().run({{scores}, {scores}, {}}, {}).loss.tensor));
  BOOST_TEST(is_elsewhere(WeightedSum().run({{{Loss{elsewhere({})}, 0.5}, {Loss{elsewhere({})}, 2}}}).loss.tensor));
}

BOOST_AUTO_TEST_CASE(scores_and_partitions_are_where_their_probs_are) {
  const torch::Tensor probs = elsewhere({4, 3});
  const Confidence::Out confidence = Confidence().run({{{probs}, {probs}}});
  BOOST_TEST(is_elsewhere(confidence.probs.tensor));
  BOOST_TEST(is_elsewhere(confidence.label.tensor));
  BOOST_TEST(is_elsewhere(Sharpen().run({{probs}}, {}).targets.tensor));
  BOOST_TEST(is_elsewhere(SmallLoss().run({{probs}, {integers({0, 1, 2, 0})}}, {}).kept.tensor));
}

BOOST_AUTO_TEST_SUITE_END()
