// Labels and soft labels that are edited while training: looked up, weighed, hardened, logged.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/target/fill_table.hpp"
#include "nodes/target/soft_labels_of.hpp"
#include "nodes/target/weigh_candidates.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(soft_labels)

namespace {

torch::Tensor doubles(const std::vector<std::vector<double>>& rows) {
  std::vector<torch::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(torch::tensor(row, torch::kFloat64));
  return torch::stack(tensors);
}

// Three samples of three classes and two features, and what the walk over them needs.
struct Walk {
  std::unique_ptr<Table> prototypes = table(floats({{1, 0}, {0, 1}, {1, 0}}));
  std::unique_ptr<Table> weights = table(doubles({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}));
  std::unique_ptr<Table> labels = table(integers({0, 1, 2}));
  Log log{{.columns = 3}, {}, Scope("log")};
  WeighCandidates::Params params;
  torch::Tensor probs, features;
  std::vector<std::int64_t> index, given;

  WeighCandidates::Out run(const std::optional<Mask>& rows = {}) {
    return WeighCandidates().run(
        {{probs}, {features}, {integers(index)}, {integers(given)}, rows}, params,
        {Read<Table>(*prototypes), Write<Table>(*weights), Write<Table>(*labels), Write<Log>(log)});
  }
  void one_row(const std::vector<float>& p, const std::vector<float>& q, std::int64_t sample, std::int64_t label) {
    probs = floats({p});
    features = floats({q});
    index = {sample};
    given = {label};
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_soft_label_is_certain_where_exactly_one_weight_is_one) {
  const auto weights = table(doubles({{0, 1, 0}, {0.5, 0.5, 0}, {1, 1, 0}, {1, 0.25, 0}, {1 - 1e-16, 0, 1e-16}}));
  const SoftLabelsOf::Out out = SoftLabelsOf().run({{integers({0, 1, 2, 3, 4})}}, {Read<Table>(*weights)});
  BOOST_TEST(same_numbers(out.certain.tensor, booleans({1, 0, 0, 1, 0})));
  BOOST_TEST(same_numbers(out.uncertain.tensor, booleans({0, 1, 1, 0, 1})));
  BOOST_TEST(out.targets.tensor.scalar_type() == torch::kFloat64);
  BOOST_TEST(same_numbers(out.targets.tensor, weights->values()));
}

BOOST_AUTO_TEST_CASE(weights_begin_as_the_probabilities_of_two_candidates) {
  Walk walk;
  walk.params.start = 1;
  walk.one_row({0.125F, 0.25F, 0.625F}, {1, 0}, 1, 0);
  walk.run();
  // Class 1 keeps the 1 of the first label; then the sum is 1.75.
  BOOST_TEST(close(walk.weights->values()[1], torch::tensor({0.125 / 1.75, 1 / 1.75, 0.625 / 1.75}, torch::kFloat64)));
  BOOST_TEST(same_numbers(walk.labels->values(), integers({0, 1, 2})));
  BOOST_TEST(walk.log.rows() == 0);
}

// As float32 has it, a share this close to 1 is 1: weights that are one-hot already are not made so again.
BOOST_AUTO_TEST_CASE(a_class_far_ahead_takes_the_whole_share) {
  Walk walk;
  walk.params.temperature = 1 / 36.2;
  walk.params.momentum = 0.5;
  walk.one_row({0.25F, 0.75F, 0}, {1, 0}, 0, 0);
  const WeighCandidates::Out out = walk.run();
  BOOST_TEST(same_numbers(out.hardened.tensor, booleans({0})));
  BOOST_TEST(walk.weights->values()[0][0].item<double>() == 1);
  BOOST_TEST(walk.weights->values()[0][1].item<double>() == std::exp(-36.2) / 2, boost::test_tools::tolerance(1e-4));
}

BOOST_AUTO_TEST_CASE(a_counter_in_place_of_the_row_normalises_another_sample) {
  Walk walk;
  walk.params.start = 1;
  walk.params.normalised = NormalisedRow::counter;
  walk.weights->values()[0] = torch::tensor({2.0, 1.0, 1.0}, torch::kFloat64);
  walk.probs = floats({{0.5F, 0.25F, 0.25F}, {0.625F, 0.125F, 0.25F}, {0.5F, 0.25F, 0.25F}});
  walk.features = floats({{1, 0}, {1, 0}, {1, 0}});
  walk.index = {0, 2, 1};
  walk.given = {0, 2, 1};
  walk.run(Mask{booleans({0, 1, 0})});
  // Position 1 is the first that is covered: the sample at position 0 is divided by its sum.
  BOOST_TEST(same_numbers(walk.weights->values(), doubles({{0.5, 0.25, 0.25}, {0, 1, 0}, {0.625, 0, 0.25}})));
}

BOOST_AUTO_TEST_CASE(weights_move_towards_the_similarities_to_prototypes) {
  Walk walk;
  walk.params.momentum = 0.5;
  walk.params.temperature = 0.5;
  walk.params.harden_above = 1;
  walk.weights->values()[1] = torch::tensor({0.25, 0.75, 0.0}, torch::kFloat64);
  walk.one_row({0.25F, 0.125F, 0.625F}, {0.6F, 0.8F}, 1, 1);
  const WeighCandidates::Out out = walk.run();
  // Similarities .6 and .8 over .5; class 2 has weight 0 and so 0, though it is a candidate.
  const double a = std::exp(1.2), b = std::exp(1.6), sum = a + b + 1;
  const double w1 = 0.375 + 0.5 * b / sum, w2 = 0.5 / sum, all = 0.25 + w1 + w2;
  BOOST_TEST(close(walk.weights->values()[1], torch::tensor({0.25 / all, w1 / all, w2 / all}, torch::kFloat64)));
  BOOST_TEST(same_numbers(out.hardened.tensor, booleans({0})));
  // A prediction that is the label is one candidate and moves once.
  walk.weights->values()[1] = torch::tensor({0.0, 1.0, 0.0}, torch::kFloat64);
  walk.one_row({0.25F, 0.5F, 0.25F}, {0.6F, 0.8F}, 1, 1);
  walk.run();
  BOOST_TEST(close(walk.weights->values()[1], torch::tensor({0.0, 1.0, 0.0}, torch::kFloat64)));
}

BOOST_AUTO_TEST_CASE(a_large_weight_becomes_one_and_from_a_larger_one_on_edits_the_label) {
  const auto start = [](Walk& walk, double weight) {
    walk.weights->values()[0] = torch::tensor({1 - weight, weight, 0.0}, torch::kFloat64);
    // Class 2 gets no weight from probability 0; the candidates are 1 and 2.
    walk.one_row({0, static_cast<float>(weight), 0}, {1, 0}, 0, 2);
    walk.params.start = 1;
    walk.params.harden_above = 0.75;
    walk.params.relabel_above = 0.875;
  };
  {
    Walk walk;
    start(walk, 0.75);  // not above
    BOOST_TEST(same_numbers(walk.run().hardened.tensor, booleans({0})));
    BOOST_TEST(close(walk.weights->values()[0], torch::tensor({0.25, 0.75, 0.0}, torch::kFloat64)));
  }
  {
    Walk walk;
    start(walk, 0.8125);  // one-hot, label as it was
    const WeighCandidates::Out out = walk.run();
    BOOST_TEST(same_numbers(out.hardened.tensor, booleans({1})));
    BOOST_TEST(same_numbers(out.relabeled.tensor, booleans({0})));
    BOOST_TEST(same_numbers(walk.weights->values()[0], torch::tensor({0.0, 1.0, 0.0}, torch::kFloat64)));
    BOOST_TEST(walk.labels->values()[0].item<std::int64_t>() == 0);
    BOOST_TEST(walk.log.rows() == 0);
  }
  {
    Walk walk;
    start(walk, 0.875);  // reaches: edited and logged
    BOOST_TEST(same_numbers(walk.run().relabeled.tensor, booleans({1})));
    BOOST_TEST(walk.labels->values()[0].item<std::int64_t>() == 1);
    BOOST_TEST((std::get<1>(walk.log.numbers()->values) == std::vector<std::int64_t>{1, 0, 1}));
  }
  for (const std::int64_t editable : {0, 1, 2}) {
    Walk walk;
    start(walk, 0.9375);
    walk.params.relabel_classes_below = editable;
    BOOST_TEST(same_numbers(walk.run().relabeled.tensor, booleans({editable == 2})));
    BOOST_TEST(walk.log.rows() == 1);
  }
  {
    Walk walk;
    start(walk, 1);  // nothing to harden: it is 1 already, beside another weight of 0
    BOOST_TEST(same_numbers(walk.run().hardened.tensor, booleans({0})));
    BOOST_TEST(walk.log.rows() == 0);
  }
}

BOOST_AUTO_TEST_CASE(nothing_covered_changes_nothing) {
  Walk walk;
  walk.params.start = 1;
  walk.one_row({0.125F, 0.25F, 0.625F}, {1, 0}, 1, 0);
  walk.run(Mask{booleans({0})});
  walk.given = {-1};  // of unknown class
  walk.run();
  BOOST_TEST(same_numbers(walk.weights->values(), doubles({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})));
  walk.probs = torch::zeros({0, 3});
  walk.features = torch::zeros({0, 2});
  walk.index = walk.given = {};
  BOOST_TEST(walk.run().hardened.tensor.numel() == 0);
}

BOOST_AUTO_TEST_CASE(weighing_refuses_sizes_that_do_not_agree) {
  Walk walk;
  walk.one_row({0.125F, 0.25F, 0.625F}, {1, 0}, 1, 0);
  walk.given = {0, 1};
  BOOST_TEST(fails_with("'given' has 2 rows but 'probs' has 1.", [&] { walk.run(); }));
  walk.given = {0};
  BOOST_TEST(fails_with("'rows' has 2 rows but 'probs' has 1.", [&] { walk.run(Mask{booleans({0, 1})}); }));
  walk.given = {3};
  BOOST_TEST(fails_with("a sample with the label 3", [&] { walk.run(); }));
  walk.given = {0};
  walk.prototypes = table(floats({{1, 0}, {0, 1}}));
  BOOST_TEST(fails_with("There are 3 classes but 2 prototypes.", [&] { walk.run(); }));
}

BOOST_AUTO_TEST_CASE(a_log_is_saved_whatever_its_length) {
  Log log({.columns = 2}, {}, Scope("log"));
  BOOST_TEST((log.numbers()->shape == std::vector<std::int64_t>{0, 2}));
  const Blobs empty = log.save();
  log.append({1, 2});
  log.append({3, 4});
  BOOST_TEST((log.numbers()->shape == std::vector<std::int64_t>{2, 2}));
  const Blobs two = log.save();
  ClearLog().run({Write<Log>(log)});
  BOOST_TEST(log.rows() == 0);
  log.restore(two);
  BOOST_TEST((std::get<1>(log.numbers()->values) == std::vector<std::int64_t>{1, 2, 3, 4}));
  log.restore(empty);
  BOOST_TEST(log.rows() == 0);
  BOOST_TEST(fails_with("The log 'log' has 2 columns, but a row of 1 is to enter it.", [&] { log.append({1}); }));
  BOOST_TEST(
      fails_with<RestoreError>("is saved as one array 'rows', but there are 0 arrays", [&] { log.restore({}); }));
  Log other({.columns = 3}, {}, Scope("log"));
  BOOST_TEST(fails_with<RestoreError>("takes I64 rows of 3 columns", [&] { other.restore(two); }));
}

BOOST_AUTO_TEST_CASE(a_table_is_filled) {
  const auto counts = table(torch::tensor({1.0F, 2.0F}));
  FillTable::Params params;
  params.with = 3;
  FillTable().run(params, {Write<Table>(*counts)});
  BOOST_TEST(same_numbers(counts->values(), torch::tensor({3.0F, 3.0F})));
}

BOOST_AUTO_TEST_SUITE_END()
