#include <ATen/CPUGeneratorImpl.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/measure/accuracy.hpp"
#include "nodes/measure/calibration.hpp"
#include "nodes/measure/number.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(measures)

BOOST_AUTO_TEST_CASE(accuracy_counts_samples_without_prediction_as_wrong) {
  const Probs probs{floats({{0.8F, 0.1F, 0.1F}, {0.8F, 0.1F, 0.1F}, {0, 1, 0}, {0, 0, 1}})};
  const Accuracy::In in{probs, {integers({0, 1, 1, -1})}, {}};
  const Accuracy::Out out = Accuracy().run(in, {});
  BOOST_TEST(std::abs(out.accuracy.value - 2.0 / 3) < 1e-12);
  BOOST_TEST(same_numbers(out.confusion.tensor, floats({{1, 0, 0}, {1, 1, 0}, {0, 0, 0}})));
  BOOST_TEST(same_numbers(out.recall.tensor.nan_to_num(-1), torch::tensor({1.0, 0.5, -1.0}, torch::kFloat64)));
  BOOST_TEST(out.mean_recall.value == 0.75);
  const Accuracy::Out punished = Accuracy().run({probs, in.labels, Labels{integers({2, 0, -1})}}, {});
  BOOST_TEST(punished.accuracy.value == 2.0 / 5);
  BOOST_TEST(same_numbers(punished.recall.tensor, torch::tensor({0.5, 0.5, 0.0})));
  BOOST_TEST(std::abs(punished.mean_recall.value - 1.0 / 3) < 1e-12);
  for (const std::int64_t wrong : {3, -2})
    BOOST_TEST(fails_with("There is a sample with the label " + std::to_string(wrong) +
                              ", but there are 3 classes (0 … 2). Set 'classes' and 'class_names' in the data file to "
                              "those of the data set.",
                          [&] {
                            Accuracy().run({probs, {integers({0, 1, 1, wrong})}, {}}, {});
                          }));
}

BOOST_AUTO_TEST_CASE(labels_of_other_rows_than_the_probs_are_refused) {
  const Probs probs{floats({{0.8F, 0.2F}, {0.3F, 0.7F}})};
  for (const torch::Tensor& labels : {integers({0, 1, 1}), integers({0})})
    BOOST_TEST(fails_with("'labels' has " + std::to_string(labels.size(0)) +
                              " rows but 'probs' has 2. Both must come from the same rows; check which stream or pass "
                              "each refers to.",
                          [&] {
                            Accuracy().run({probs, {labels}, {}}, {});
                          }));
}

BOOST_AUTO_TEST_CASE(macro_f1_is_the_mean_over_classes_that_occur) {
  // Class 0: 2 of 3 right, predicted 2 times: 4/5. Class 1: 1 of 1, predicted 2 times: 2/3. Class 2: neither true nor
  // predicted. Class 3: predicted alone is 0 too.
  const Probs probs{torch::eye(4).index_select(0, integers({0, 0, 1, 1, 3}))};
  const Labels labels{integers({0, 0, 0, 1, 1})};
  BOOST_TEST(std::abs(Accuracy().run({probs, labels, {}}, {}).macro_f1.value - (4.0 / 5 + 2.0 / 4 + 0) / 3) < 1e-12);
  // A sample of class 2 in which no face was found: F1 of 0 for that class; one of class 0: 4/6.
  const Accuracy::Out punished = Accuracy().run({probs, labels, Labels{integers({2, 0})}}, {});
  BOOST_TEST(std::abs(punished.macro_f1.value - (4.0 / 6 + 2.0 / 4 + 0 + 0) / 4) < 1e-12);
  BOOST_TEST(Accuracy().run({{torch::zeros({0, 4})}, {integers({})}, {}}, {}).macro_f1.value == 0);
}

BOOST_AUTO_TEST_CASE(calibration_compares_confidence_with_accuracy_by_bins) {
  // Two bins: (0, 0.5] with 0.5 (wrong), and (0.5, 1] with 0.75 (right), 1 (wrong), 0.625 (right).
  const Probs probs{floats({{0.5F, 0.25F, 0.25F}, {0.75F, 0.25F, 0}, {0, 0, 1}, {0.625F, 0.375F, 0}, {0, 1, 0}})};
  const Labels labels{integers({1, 0, 1, 0, -1})};
  Accuracy::Params params;
  params.bins = 2;
  const Accuracy::Out out = Accuracy().run({probs, labels, {}}, params);
  BOOST_TEST(std::abs(out.calibration_error.value - (0.5 + std::abs(2 - 2.375)) / 4) < 1e-12);
  BOOST_TEST(close(out.reliability.tensor, torch::tensor({1.0, 0.5, 0.0, 3.0, 2.375 / 3, 2.0 / 3}).view({2, 3})));
  // Missing samples have no confidence.
  const Accuracy::Out punished = Accuracy().run({probs, labels, Labels{integers({0, 1})}}, params);
  BOOST_TEST(punished.calibration_error.value == out.calibration_error.value);
  // With the default of 15 bins, most are empty.
  const torch::Tensor rows = Accuracy().run({probs, labels, {}}, {}).reliability.tensor;
  BOOST_TEST(rows.size(0) == 15);
  BOOST_TEST(rows.select(1, 0).sum().item<double>() == 4);
  BOOST_TEST(rows.isnan().sum().item<std::int64_t>() == 2 * 11);
  BOOST_TEST(std::isnan(Accuracy().run({{torch::zeros({0, 3})}, {integers({})}, {}}, {}).calibration_error.value));
}

BOOST_AUTO_TEST_CASE(confidences_on_and_beyond_the_edges_have_a_bin) {
  const auto bin = [](double confidence) {
    const torch::Tensor counts = calibration_of({{confidence, true}}, 4).reliability.select(1, 0);
    return counts.argmax().item<std::int64_t>();
  };
  for (const auto& [confidence, wanted] :
       {std::pair(0.0, 0), {0.25, 0}, {0.2500001, 1}, {0.5, 1}, {0.75, 2}, {1.0, 3}, {7.0, 3}, {-1.0, 0}})
    BOOST_TEST(bin(confidence) == wanted, confidence);
  BOOST_TEST(bin(std::nan("")) == 0);
  BOOST_TEST(bin(INFINITY) == 3);
  BOOST_TEST(fails_with("at least one bin", [] { calibration_of({}, 0); }));
}

BOOST_AUTO_TEST_CASE(measures_are_bounded_and_know_no_order) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(5);
  for (const std::int64_t classes : {2, 7}) {
    const torch::Tensor probs = (4 * torch::randn({200, classes}, generator)).softmax(1);
    const torch::Tensor labels = torch::randint(-1, classes, {200}, generator, torch::kInt64);
    const Accuracy::Out out = Accuracy().run({{probs}, {labels}, {}}, {});
    for (const double value :
         {out.accuracy.value, out.macro_f1.value, out.mean_recall.value, out.calibration_error.value})
      BOOST_TEST((value >= 0 && value <= 1), value);
    const torch::Tensor known = labels >= 0, right = probs.argmax(1) == labels;
    // No less than the distance of the means, and no more than the mean of the distances.
    const torch::Tensor gap = (probs.amax(1) - right.to(torch::kFloat32)).index({known});
    BOOST_TEST(out.calibration_error.value >= std::abs(gap.mean().item<double>()) - 1e-6);
    BOOST_TEST(out.calibration_error.value <= gap.abs().mean().item<double>() + 1e-6);

    const torch::Tensor order = torch::randperm(200, generator, torch::kInt64);
    const Accuracy::Out shuffled =
        Accuracy().run({{probs.index_select(0, order)}, {labels.index_select(0, order)}, {}}, {});
    BOOST_TEST(shuffled.macro_f1.value == out.macro_f1.value);
    BOOST_TEST(std::abs(shuffled.calibration_error.value - out.calibration_error.value) < 1e-12);
    BOOST_TEST(close(shuffled.reliability.tensor.nan_to_num(), out.reliability.tensor.nan_to_num(), 1e-12));
    // Renaming the classes changes none of them.
    const torch::Tensor names = torch::randperm(classes, generator, torch::kInt64);
    const torch::Tensor renamed = torch::where(known, names.argsort().index_select(0, labels.clamp_min(0)), labels);
    const Accuracy::Out other = Accuracy().run({{probs.index_select(1, names)}, {renamed}, {}}, {});
    BOOST_TEST(std::abs(other.macro_f1.value - out.macro_f1.value) < 1e-12);
    BOOST_TEST(std::abs(other.calibration_error.value - out.calibration_error.value) < 1e-12);
    BOOST_TEST(same_numbers(other.recall.tensor, out.recall.tensor.index_select(0, names)));
  }
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
