// What is counted of the rows that a method selects.
#include <ATen/CPUGeneratorImpl.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/measure/count_selected.hpp"
#include "nodes/measure/selection_quality.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(selections)

namespace {

struct Counts {
  explicit Counts(std::int64_t classes = 3) : counts(table(torch::zeros({classes, 2, 3}, torch::kInt64))) {}
  void count(const CountSelected::In& in, const CountSelected::Params& params = {}) const {
    CountSelected().run(in, params, {Write<Table>(*counts)});
  }
  SelectionQuality::Out quality() const { return SelectionQuality().run({Write<Table>(*counts)}); }

  std::unique_ptr<Table> counts;
};

std::int64_t cell(const torch::Tensor& counts, std::int64_t of, std::int64_t selected, std::int64_t outcome) {
  return counts[of][selected][outcome].item<std::int64_t>();
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_row_is_counted_once) {
  const Counts tables;
  // Guesses 0 right, 0 wrong, 2 right, 1 unknown, 1 wrong, and one without a label.
  const CountSelected::In in{
      {integers({0, 0, 2, 1, 1, -1})}, {integers({0, 1, 2, -1, 0, 1})}, Mask{booleans({1, 1, 0, 1, 0, 1})}, {}};
  tables.count(in);
  const torch::Tensor counts = tables.counts->values();
  BOOST_TEST(counts.sum().item<std::int64_t>() == 5);
  BOOST_TEST(cell(counts, 0, 1, 1) == 1);
  BOOST_TEST(cell(counts, 0, 1, 0) == 1);
  BOOST_TEST(cell(counts, 2, 0, 1) == 1);
  BOOST_TEST(cell(counts, 1, 1, 2) == 1);
  BOOST_TEST(cell(counts, 1, 0, 0) == 1);
  // It adds up; without a mask all rows are selected, and only those that are covered count.
  tables.count({{integers({1, 1})}, {integers({1, 1})}, {}, Mask{booleans({1, 0})}});
  BOOST_TEST(cell(counts, 1, 1, 1) == 1);
  BOOST_TEST(counts.sum().item<std::int64_t>() == 6);
}

BOOST_AUTO_TEST_CASE(weights_select_from_a_half_on) {
  const Counts tables;
  const Weights weights{torch::tensor({0.49F, 0.5F, 1.0F, std::nanf("")})};
  tables.count({{integers({0, 0, 0, 0})}, {integers({0, 0, 0, 0})}, weights, {}});
  BOOST_TEST(cell(tables.counts->values(), 0, 1, 1) == 2);
  BOOST_TEST(cell(tables.counts->values(), 0, 0, 1) == 2);
  CountSelected::Params params;
  params.at = 0.75;
  tables.count({{integers({0, 0, 0, 0})}, {integers({0, 0, 0, 0})}, weights, {}}, params);
  BOOST_TEST(cell(tables.counts->values(), 0, 1, 1) == 3);
}

BOOST_AUTO_TEST_CASE(shares_and_accuracy_by_class_and_over_all) {
  const Counts tables;
  tables.counts->values().copy_(torch::tensor(
                                    {// class 0: 2 + 1 + 1 left out; 1 wrong, 3 right, 2 unknown selected
                                     2, 1, 1, 1, 3, 2,
                                     // class 1: nothing selected
                                     1, 3, 0, 0, 0, 0,
                                     // class 2: never met
                                     0, 0, 0, 0, 0, 0},
                                    torch::kInt64)
                                    .view({3, 2, 3}));
  const torch::Tensor before = tables.counts->values().clone();
  const SelectionQuality::Out out = tables.quality();
  BOOST_TEST(close(out.share.tensor.nan_to_num(-1), torch::tensor({0.6, 0.0, -1.0})));
  BOOST_TEST(close(out.accuracy.tensor.nan_to_num(-1), torch::tensor({0.75, -1.0, -1.0})));
  BOOST_TEST(std::abs(out.share_all.value - 6.0 / 14) < 1e-12);
  BOOST_TEST(out.accuracy_all.value == 0.75);
  BOOST_TEST(std::abs(out.precision.value - 3.0 / 7) < 1e-12);
  BOOST_TEST(out.recall.value == 0.75);
  BOOST_TEST(std::abs(out.flagged.value - 8.0 / 14) < 1e-12);
  BOOST_TEST(out.selected.value == 6);
  BOOST_TEST(out.others.value == 8);
  BOOST_TEST(same_numbers(out.counts.tensor, before));
  // The next epoch begins at zero, where everything is undefined.
  BOOST_TEST(tables.counts->values().sum().item<std::int64_t>() == 0);
  const SelectionQuality::Out empty = tables.quality();
  for (const double value : {empty.share_all.value, empty.accuracy_all.value, empty.precision.value, empty.recall.value,
                             empty.flagged.value})
    BOOST_TEST(std::isnan(value));
  BOOST_TEST(empty.share.tensor.isnan().all().item<bool>());
  BOOST_TEST(empty.accuracy.tensor.isnan().all().item<bool>());
}

BOOST_AUTO_TEST_CASE(shares_remain_where_no_truth_is_known) {
  const Counts tables;
  tables.count({{integers({0, 0, 1, 2})}, {torch::full({4}, -1, torch::kInt64)}, Mask{booleans({1, 0, 1, 1})}, {}});
  const SelectionQuality::Out out = tables.quality();
  BOOST_TEST(same_numbers(out.share.tensor, torch::tensor({0.5, 1.0, 1.0})));
  BOOST_TEST(out.share_all.value == 0.75);
  BOOST_TEST(std::isnan(out.accuracy_all.value));
  BOOST_TEST(std::isnan(out.precision.value));
  BOOST_TEST(std::isnan(out.recall.value));
}

BOOST_AUTO_TEST_CASE(counts_are_those_of_a_loop_for_any_order_and_batches) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(3);
  const std::int64_t classes = 5, rows = 300;
  const torch::Tensor label = torch::randint(-1, classes, {rows}, generator, torch::kInt64);
  const torch::Tensor truth = torch::randint(-1, classes, {rows}, generator, torch::kInt64);
  const torch::Tensor chosen = torch::rand({rows}, generator) > 0.4, covered = torch::rand({rows}, generator) > 0.1;
  const Counts tables(classes), shuffled(classes);
  tables.count({{label}, {truth}, Mask{chosen}, Mask{covered}});
  for (const torch::Tensor& part : torch::randperm(rows, generator, torch::kInt64).split(32))
    shuffled.count({{label.index_select(0, part)},
                    {truth.index_select(0, part)},
                    Mask{chosen.index_select(0, part)},
                    Mask{covered.index_select(0, part)}});
  BOOST_TEST(same_numbers(shuffled.counts->values(), tables.counts->values()));
  const torch::Tensor wanted = torch::zeros({classes, 2, 3}, torch::kInt64);
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto of = label[i].item<std::int64_t>(), is = truth[i].item<std::int64_t>();
    if (of < 0 || !covered[i].item<bool>()) continue;
    wanted[of][chosen[i].item<std::int64_t>()][is < 0 ? 2 : is == of ? 1 : 0] += 1;
  }
  BOOST_TEST(same_numbers(tables.counts->values(), wanted));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_told) {
  const Counts tables;
  const Labels label{integers({0, 1})};
  BOOST_TEST(fails_with("'truth' has 1 rows but 'label' has 2.", [&] {
    tables.count({label, {integers({0})}, {}, {}});
  }));
  BOOST_TEST(fails_with("'selected' has 3 rows but 'label' has 2.", [&] {
    tables.count({label, label, Mask{booleans({1, 1, 1})}, {}});
  }));
  BOOST_TEST(fails_with("'rows' has 1 rows but 'label' has 2.", [&] {
    tables.count({label, label, {}, Mask{booleans({1})}});
  }));
  BOOST_TEST(fails_with("There is a sample with the label 3, but there are 3 classes", [&] {
    tables.count({{integers({0, 3})}, label, {}, {}});
  }));
  const auto flat = table(torch::zeros({3, 4}, torch::kInt64)), real = table(torch::zeros({3, 2, 3}));
  for (const auto* wrong : {&flat, &real}) {
    const std::string message =
        "The table in 'counts' cannot hold counts of selected rows. Make it {kind: table, axes: [classes, 2, 3], "
        "dtype: int64}.";
    BOOST_TEST(fails_with(message, [&] { CountSelected().run({label, label, {}, {}}, {}, {Write<Table>(**wrong)}); }));
    BOOST_TEST(fails_with(message, [&] { SelectionQuality().run({Write<Table>(**wrong)}); }));
  }
}

BOOST_AUTO_TEST_SUITE_END()
