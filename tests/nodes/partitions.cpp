#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/partition/any_of.hpp"
#include "nodes/partition/class_margin.hpp"
#include "nodes/partition/class_status.hpp"
#include "nodes/partition/class_threshold.hpp"
#include "nodes/partition/curriculum_threshold.hpp"
#include "nodes/partition/partition_by_class.hpp"
#include "nodes/partition/partition_of.hpp"
#include "nodes/partition/same_labels.hpp"
#include "nodes/partition/small_loss.hpp"
#include "nodes/partition/smallest.hpp"
#include "nodes/partition/threshold.hpp"
#include "nodes/score/confidence.hpp"
#include "nodes/score/confidence_branch.hpp"
#include "nodes/score/label_gap.hpp"
#include "nodes/score/sharpen.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(scores)

BOOST_AUTO_TEST_CASE(confidence_is_of_the_mean_distribution) {
  const torch::Tensor a = floats({{0.6F, 0.4F}, {0.5F, 0.5F}}).requires_grad_();
  const Confidence::Out out = Confidence().run({{{a}, {floats({{0.1F, 0.9F}, {0.5F, 0.5F}})}}});
  BOOST_TEST(close(out.probs.tensor, floats({{0.35F, 0.65F}, {0.5F, 0.5F}})));
  BOOST_TEST(close(out.score.tensor, torch::tensor({0.65F, 0.5F})));
  BOOST_TEST(same_numbers(out.label.tensor, integers({1, 0})));
  BOOST_TEST(!out.probs.tensor.requires_grad());
  BOOST_TEST(same_numbers(Confidence().run({{{a}}}).score.tensor, torch::tensor({0.6F, 0.5F})));
}

BOOST_AUTO_TEST_CASE(the_last_output_is_the_confidence) {
  const torch::Tensor logits = floats({{0, 0, 0}, {std::log(3.0F), 0, std::log(4.0F)}}).requires_grad_();
  const ConfidenceBranch::Out out = ConfidenceBranch().run({{logits}});
  BOOST_TEST(close(out.confidence.tensor, torch::tensor({0.5F, 0.8F})));
  BOOST_TEST(close(out.probs.tensor, floats({{0.5F, 0.5F}, {0.75F, 0.25F}})));
  BOOST_TEST(out.logits.tensor.size(1) == 2);
  BOOST_TEST(out.confidence.tensor.requires_grad());
  BOOST_TEST(fails_with("at least two outputs", [] { ConfidenceBranch().run({{floats({{1}})}}); }));
}

BOOST_AUTO_TEST_CASE(sharpen_raises_to_the_inverse_temperature) {
  Sharpen::Params params;
  params.temperature = 0.5;
  const Targets sharp = Sharpen().run({{floats({{0.2F, 0.8F}})}}, params).targets;
  BOOST_TEST(close(sharp.tensor, floats({{0.04F / 0.68F, 0.64F / 0.68F}})));
  // 0.4^100 is no float32 any more.
  params.temperature = 0.01;
  BOOST_TEST(close(Sharpen().run({{floats({{0.4F, 0.3F, 0.3F, 0}})}}, params).targets.tensor, floats({{1, 0, 0, 0}})));
}

BOOST_AUTO_TEST_CASE(the_gap_to_the_label_is_zero_where_the_prediction_is_the_label) {
  const torch::Tensor p =
      floats({{0.5F, 0.25F, 0.25F}, {0.5F, 0.25F, 0.25F}, {0.125F, 0.125F, 0.75F}}).requires_grad_();
  const LabelGap::Out out = LabelGap().run({{p}, {integers({0, 1, -1})}});
  BOOST_TEST(same_numbers(out.gap.tensor, torch::tensor({0.0F, 0.25F, 0.75F})));
  BOOST_TEST(same_numbers(out.agrees.tensor, booleans({1, 0, 0})));
  BOOST_TEST(!out.gap.tensor.requires_grad());
  // Of equal probabilities the first class is the prediction.
  BOOST_TEST(same_numbers(LabelGap().run({{floats({{0.5F, 0.5F}})}, {integers({1})}}).agrees.tensor, booleans({0})));
  BOOST_TEST(LabelGap().run({{torch::zeros({0, 3})}, {integers({})}}).gap.tensor.numel() == 0);
  BOOST_TEST(fails_with("a sample with the label 3, but there are 3 classes", [&] {
    LabelGap().run({{p}, {integers({0, 1, 3})}});
  }));
  BOOST_TEST(fails_with("'labels' has 1 rows but 'probs' has 3.", [&] { LabelGap().run({{p}, {integers({0})}}); }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(partitions)

BOOST_AUTO_TEST_CASE(a_threshold_counts_what_reaches_it) {
  Threshold::Params params;
  params.at = 0.8;
  const Threshold::Out out = Threshold().run({{torch::tensor({0.8F, 0.7999999F, 0.9F})}}, params);
  BOOST_TEST(same_numbers(out.above.tensor, booleans({1, 0, 1})));
  BOOST_TEST(same_numbers(out.below.tensor, booleans({0, 1, 0})));
  BOOST_TEST(out.used.value == 0.8);
  params.equal = EqualScores::below;
  const Threshold::Out above = Threshold().run({{torch::tensor({0.8F, 0.8000001F, NAN})}}, params);
  BOOST_TEST(same_numbers(above.above.tensor, booleans({0, 1, 0})));
  BOOST_TEST(same_numbers(above.below.tensor, booleans({1, 0, 1})));
}

BOOST_AUTO_TEST_CASE(masks_are_joined) {
  BOOST_TEST(same_numbers(AnyOf().run({{{booleans({1, 0, 0})}}}).rows.tensor, booleans({1, 0, 0})));
  BOOST_TEST(
      same_numbers(AnyOf().run({{{booleans({1, 0, 0})}, {booleans({1, 0, 1})}}}).rows.tensor, booleans({1, 0, 1})));
  BOOST_TEST(fails_with("'masks[1]' has 2 rows but 'masks[0]' has 3.", [] {
    AnyOf().run({{{booleans({1, 0, 0})}, {booleans({1, 0})}}});
  }));
}

BOOST_AUTO_TEST_CASE(each_class_has_its_threshold) {
  for (const torch::ScalarType type : {torch::kFloat32, torch::kFloat64}) {
    const auto thresholds = table(torch::tensor({0.8, 0.3}, type));
    const ClassThreshold::Out out = ClassThreshold().run(
        {{torch::tensor({0.8F, 0.5F, 0.5F, 0.29F})}, {integers({0, 0, 1, 1})}}, {Read<Table>(*thresholds)});
    BOOST_TEST(same_numbers(out.above.tensor, booleans({1, 0, 1, 0})));
    BOOST_TEST(same_numbers(out.below.tensor, booleans({0, 1, 0, 1})));
    thresholds->values().fill_(0);
    BOOST_TEST(close(out.used.tensor, torch::tensor({0.8, 0.3})));
  }
}

BOOST_AUTO_TEST_CASE(a_threshold_rises_with_the_status_of_its_class) {
  const auto status = table(torch::tensor({0.0F, 0.5F, 1.0F}));
  const CurriculumThreshold::In in{{torch::tensor({0.0F, 0.3F, 0.2999F, 0.9F, 0.8999F})}, {integers({0, 1, 1, 2, 2})}};
  CurriculumThreshold::Params params;
  params.at = 0.9;
  const CurriculumThreshold::State states{Read<Table>(*status)};
  CurriculumThreshold::Out out = CurriculumThreshold().run(in, params, states);
  BOOST_TEST(close(out.used.tensor, torch::tensor({0.0F, 0.3F, 0.9F})));
  BOOST_TEST(same_numbers(out.above.tensor, booleans({1, 1, 0, 1, 0})));
  BOOST_TEST(same_numbers(out.below.tensor, booleans({0, 0, 1, 0, 1})));
  params.mapping = StatusMapping::linear;
  BOOST_TEST(close(CurriculumThreshold().run(in, params, states).used.tensor, torch::tensor({0.0F, 0.45F, 0.9F})));
  params.mapping = StatusMapping::concave;
  out = CurriculumThreshold().run(in, params, states);
  BOOST_TEST(close(out.used.tensor, torch::tensor({0.0F, 0.526466F, 0.9F})));
  status->values().zero_();
  BOOST_TEST(close(out.used.tensor, torch::tensor({0.0F, 0.526466F, 0.9F})));
}

BOOST_AUTO_TEST_CASE(the_status_counts_what_samples_were_last_selected_as) {
  const auto selected = table(torch::full({6}, -1, torch::kInt64));
  const auto status = table(torch::zeros({3}));
  const ClassStatus::State states{Write<Table>(*selected), Write<Table>(*status)};
  // Nothing is selected yet: the status stays.
  status->values().fill_(0.25);
  ClassStatus::Out out = ClassStatus().run({{integers({1})}, {integers({4})}, Mask{booleans({0})}}, {}, states);
  BOOST_TEST(same_numbers(out.selected.tensor, integers({-1})));
  BOOST_TEST(close(out.status.tensor, torch::full({3}, 0.25F)));
  // Sample 4 occurs three times: its last selected row counts, in every row.
  out = ClassStatus().run({{integers({1, 0, 2, 1, 0})}, {integers({4, 4, 0, 4, 1})}, Mask{booleans({1, 1, 1, 0, 0})}},
                          {}, states);
  BOOST_TEST(same_numbers(selected->values(), integers({2, -1, -1, -1, 0, -1})));
  BOOST_TEST(same_numbers(out.selected.tensor, integers({0, 0, 2, 0, -1})));
  BOOST_TEST(close(out.status.tensor, torch::tensor({0.25F, 0.0F, 0.25F})));  // 4 samples were never selected
  // A class larger than those that were never selected bounds the status.
  out = ClassStatus().run({{integers({2, 2})}, {integers({1, 2})}, {}}, {}, states);
  BOOST_TEST(close(out.status.tensor, torch::tensor({1 / 3.0F, 0.0F, 1.0F})));
  ClassStatus::Params ignore;
  ignore.unselected = Unselected::ignore;
  selected->values().copy_(integers({-1, -1, -1, -1, 0, -1}));
  out = ClassStatus().run({{integers({1})}, {integers({5})}, Mask{booleans({0})}}, ignore, states);
  BOOST_TEST(close(status->values(), torch::tensor({1.0F, 0.0F, 0.0F})));
  BOOST_TEST(fails_with("'index' has 1 rows but 'label' has 2.", [&] {
    ClassStatus().run({{integers({0, 1})}, {integers({0})}, {}}, {}, states);
  }));
}

BOOST_AUTO_TEST_CASE(margins_are_means_of_correct_predictions) {
  // Class 0: rows 0 and 1 are correct; class 1: its row is predicted as 2; class 2: row 3; row 4 is unknown.
  const torch::Tensor probs =
      floats({{0.8F, 0.1F, 0.1F}, {0.6F, 0.3F, 0.1F}, {0.2F, 0.3F, 0.5F}, {0, 0.1F, 0.9F}, {0, 0, 1}});
  const Labels labels{integers({0, 0, 1, 2, -1})};
  const auto margin = table(torch::full({3}, 0.4F));
  ClassMargin::Params params;
  params.scale = 0.5;
  const ClassMargin::Out out = ClassMargin().run({{probs}, labels}, params, {Write<Table>(*margin)});
  BOOST_TEST(close(margin->values(), torch::tensor({0.35F, 0.4F, 0.45F})));
  BOOST_TEST(same_numbers(out.margin.tensor, margin->values()));
  BOOST_TEST(same_numbers(out.correct.tensor, integers({2, 0, 1})));
  BOOST_TEST(close(out.mean.tensor, torch::tensor({0.7F, -1.0F, 0.9F})));

  params.floor = 0.42;
  ClassMargin().run({{probs}, labels}, params, {Write<Table>(*margin)});
  BOOST_TEST(close(margin->values(), torch::tensor({0.42F, 0.4F, 0.45F})));
  params.without = WithoutCorrect::floor;
  ClassMargin().run({{probs}, labels}, params, {Write<Table>(*margin)});
  BOOST_TEST(close(margin->values(), torch::tensor({0.42F, 0.42F, 0.45F})));
  params.floor.reset();
  BOOST_TEST(fails_with("needs a 'floor'", [&] {
    ClassMargin().run({{probs}, labels}, params, {Write<Table>(*margin)});
  }));
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_agree_are_told_in_sentences) {
  const torch::Tensor probs = floats({{0.8F, 0.1F, 0.1F}, {0.6F, 0.3F, 0.1F}});
  const auto margin = table(torch::full({3}, 0.4F)), short_margin = table(torch::full({2}, 0.4F));
  BOOST_TEST(
      fails_with("The table in 'margin' has 2 numbers along its last axis for 3 classes. Make its last axis "
                 "'classes', and give network and table the same number of them.",
                 [&] {
                   ClassMargin().run({{probs}, {integers({0, 1})}}, {}, {Write<Table>(*short_margin)});
                 }));
  BOOST_TEST(fails_with("'labels' has 3 rows but 'probs' has 2.", [&] {
    ClassMargin().run({{probs}, {integers({0, 1, 1})}}, {}, {Write<Table>(*margin)});
  }));
  BOOST_TEST(fails_with("There is a sample with the label 2, but there are 2 classes (0 … 1).", [&] {
    ClassThreshold().run({{torch::tensor({0.5F})}, {integers({2})}}, {Read<Table>(*short_margin)});
  }));
  const auto subset = table(torch::full({8}, -1, torch::kInt64));
  BOOST_TEST(fails_with("'index' has 1 rows but 'score' has 2.", [&] {
    PartitionByClass().run({{torch::tensor({0.9F, 0.7F})}, {integers({0, 0})}, {integers({0, 0})}, {integers({6})}}, {},
                           {Write<Table>(*margin), Write<Table>(*margin), Write<Table>(*subset)});
  }));
}

BOOST_AUTO_TEST_CASE(small_losses_are_kept) {
  const torch::Tensor logits = floats({{0, 0}, {3, 0}, {0, 3}, {1, 0}, {2, 0}});
  SmallLoss::Params params;
  params.keep = 0.5;  // of 5 rows: 2.5
  SmallLoss::Out out = SmallLoss().run({{logits}, {integers({0, 0, 0, 0, 0})}}, params);
  BOOST_TEST(same_numbers(out.kept.tensor, booleans({0, 1, 0, 1, 1})));
  BOOST_TEST(out.count.value == 3);
  BOOST_TEST(out.ratio.value == 0.5);
  BOOST_TEST(close(out.each.tensor.narrow(0, 0, 2), torch::tensor({std::log(2.0), std::log1p(std::exp(-3.0))})));
  params.rounding = Rounding::floor;
  BOOST_TEST(SmallLoss().run({{logits}, {integers({0, 0, 0, 0, 0})}}, params).count.value == 2);
  // 0.6 * 5 = 3 exactly, whatever the rounding of 0.6.
  params.keep = 0.6 - 1e-12;
  BOOST_TEST(SmallLoss().run({{logits}, {integers({0, 0, 0, 0, 0})}}, params).count.value == 3);
  params.keep = 0.6 + 1e-12;
  params.rounding = Rounding::ceil;
  BOOST_TEST(SmallLoss().run({{logits}, {integers({0, 0, 0, 0, 0})}}, params).count.value == 3);
  params.keep = 0;
  BOOST_TEST(!SmallLoss().run({{logits}, {integers({0, 0, 0, 0, 0})}}, params).kept.tensor.any().item<bool>());
}

BOOST_AUTO_TEST_CASE(equal_losses_are_kept_in_order) {
  SmallLoss::Params params;
  params.keep = 0.5;
  const SmallLoss::Out out = SmallLoss().run({{torch::zeros({6, 3})}, {integers({0, 1, 2, 0, 1, 2})}}, params);
  BOOST_TEST(same_numbers(out.kept.tensor, booleans({1, 1, 1, 0, 0, 0})));
}

BOOST_AUTO_TEST_CASE(the_smallest_scores_are_kept) {
  Smallest::Params params;
  params.keep = 0.75;
  params.rounding = Rounding::floor;
  const torch::Tensor score = torch::tensor({3.0F, 1.0F, 2.0F, 1.0F, 5.0F}).requires_grad_();
  Smallest::Out out = Smallest().run({{score}}, params);
  BOOST_TEST(same_numbers(out.kept.tensor, booleans({0, 1, 1, 1, 0})));
  BOOST_TEST(out.count.value == 3);
  BOOST_TEST(out.ratio.value == 0.75);
  // Of equal scores the first.
  params.keep = 0.2;
  BOOST_TEST(same_numbers(Smallest().run({{score}}, params).kept.tensor, booleans({0, 1, 0, 0, 0})));
  out = Smallest().run({{torch::zeros({0})}}, params);
  BOOST_TEST(out.count.value == 0);
  BOOST_TEST(out.kept.tensor.numel() == 0);
  BOOST_TEST(Smallest().run({{torch::ones({1})}}, params).count.value == 0);
  params.rounding = Rounding::ceil;
  BOOST_TEST(Smallest().run({{torch::ones({1})}}, params).count.value == 1);
}

BOOST_AUTO_TEST_CASE(a_labeled_set_splits_by_class) {
  // Class 0: scores .9 and .7 correct, threshold .8/.2. Class 1: one correct sample. Class 2: none, keeps .8/.2.
  const PartitionByClass::In in{{torch::tensor({0.9F, 0.7F, 0.1F, 0.6F, 0.3F, 0.81F, 0.19F})},
                                {integers({0, 0, 1, 1, 0, 1, 1})},
                                {integers({0, 0, 0, 1, 1, 2, 2})},
                                {integers({6, 5, 4, 3, 2, 1, 0})}};
  const auto clean = table(torch::full({3}, 0.8F)), noisy = table(torch::full({3}, 0.2F));
  const auto subset = table(torch::full({8}, -1, torch::kInt64));
  const PartitionByClass::State states{Write<Table>(*clean), Write<Table>(*noisy), Write<Table>(*subset)};
  const PartitionByClass::Out out = PartitionByClass().run(in, {}, states);
  BOOST_TEST(close(clean->values(), torch::tensor({0.8F, 0.6F, 0.8F})));
  BOOST_TEST(close(noisy->values(), torch::tensor({0.2F, 0.4F, 0.2F})));
  BOOST_TEST(same_numbers(out.correct.tensor, integers({2, 1, 0})));
  BOOST_TEST(same_numbers(out.subset.tensor, integers({0, 1, 2, 1, 2, 0, 2})));
  BOOST_TEST(same_numbers(out.trusted.tensor, booleans({1, 1, 0, 1, 0, 1, 0})));
  BOOST_TEST(out.clean_size.value == 2);
  BOOST_TEST(out.ambiguous_size.value == 2);
  BOOST_TEST(out.noisy_size.value == 3);
  BOOST_TEST(same_numbers(subset->values(), integers({2, 0, 2, 1, 2, 1, 0, -1})));

  const PartitionOf::Out rows = PartitionOf().run({{integers({7, 0, 1, 3})}}, {Read<Table>(*subset)});
  BOOST_TEST(same_numbers(rows.subset.tensor, integers({-1, 2, 0, 1})));
  BOOST_TEST(same_numbers(rows.clean.tensor, booleans({0, 0, 1, 0})));
  BOOST_TEST(same_numbers(rows.ambiguous.tensor, booleans({0, 0, 0, 1})));
  BOOST_TEST(same_numbers(rows.noisy.tensor, booleans({0, 1, 0, 0})));

  PartitionByClass::Params params;
  params.floor = 0.7;
  PartitionByClass().run(in, params, states);
  BOOST_TEST(close(clean->values(), torch::tensor({0.8F, 0.7F, 0.8F})));
  BOOST_TEST(close(noisy->values(), torch::tensor({0.2F, 0.3F, 0.2F})));
}

BOOST_AUTO_TEST_CASE(labelings_are_compared_row_by_row) {
  const SameLabels::Out out = SameLabels().run({{integers({0, 2, -1, 1})}, {integers({0, 1, -1, -1})}});
  BOOST_TEST(same_numbers(out.same.tensor, booleans({1, 0, 1, 0})));
  BOOST_TEST(same_numbers(out.changed.tensor, booleans({0, 1, 0, 1})));
  BOOST_TEST(fails_with("'b' has 1 rows but 'a' has 2.", [] {
    SameLabels().run({{integers({0, 1})}, {integers({0})}});
  }));
}

BOOST_AUTO_TEST_SUITE_END()
