#include <boost/test/unit_test.hpp>
#include <cmath>

#include "nodes/target/candidate_labels.hpp"
#include "nodes/target/complementary_labels.hpp"
#include "nodes/target/draw_mix.hpp"
#include "nodes/target/look_up_labels.hpp"
#include "nodes/target/mix.hpp"
#include "nodes/target/store_labels.hpp"
#include "nodes/target/update_prototypes.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(targets)

BOOST_AUTO_TEST_CASE(prototypes_take_the_first_feature_and_move_by_the_others) {
  const auto prototypes = table(torch::zeros({3, 2}));
  UpdatePrototypes::Params params;
  params.momentum = 0.5;
  const UpdatePrototypes::In in{
      {floats({{3, 0}, {0, 1}, {7, 7}, {0, 5}})}, {integers({1, 1, 0, 2})}, Mask{booleans({1, 1, 0, 1})}};
  UpdatePrototypes().run(in, params, {Write<Table>(*prototypes)});
  // Class 1: (3,0), then (1.5,0.5) of length sqrt(2.5).
  const float length = std::sqrt(2.5F);
  BOOST_TEST(close(prototypes->values(), floats({{0, 0}, {1.5F / length, 0.5F / length}, {0, 5}})));
  params.normalize = false;
  UpdatePrototypes().run({{floats({{0, 1}})}, {integers({2})}, {}}, params, {Write<Table>(*prototypes)});
  BOOST_TEST(close(prototypes->values()[2], torch::tensor({0.0F, 3.0F})));
  BOOST_TEST(fails_with("have 3 numbers per row but the prototypes have 2", [&] {
    UpdatePrototypes().run({{floats({{0, 1, 2}})}, {integers({2})}, {}}, params, {Write<Table>(*prototypes)});
  }));
  BOOST_TEST(fails_with("'label' has 2 rows but 'features' has 1.", [&] {
    UpdatePrototypes().run({{floats({{0, 1}})}, {integers({2, 2})}, {}}, params, {Write<Table>(*prototypes)});
  }));
  BOOST_TEST(fails_with("'rows' has 1 rows but 'features' has 2.", [&] {
    UpdatePrototypes().run({{floats({{0, 1}, {1, 0}})}, {integers({2, 2})}, Mask{booleans({1})}}, params,
                           {Write<Table>(*prototypes)});
  }));
  BOOST_TEST(fails_with("no prototype for the class 3", [&] {
    UpdatePrototypes().run({{floats({{0, 1}})}, {integers({3})}, {}}, params, {Write<Table>(*prototypes)});
  }));
}

BOOST_AUTO_TEST_CASE(labels_are_stored_and_looked_up_by_sample) {
  const auto labels = table(integers({2, -1, -1, 0, -1}));
  const StoreLabels::State states{Write<Table>(*labels)};
  StoreLabels::Params params;
  params.keep_known = true;
  StoreLabels().run({{integers({5, 6, 7})}, {integers({4, 0, 1})}, {}}, params, states);
  BOOST_TEST(same_numbers(labels->values(), integers({2, 7, -1, 0, 5})));
  StoreLabels().run({{integers({1, 3})}, {integers({0, 3})}, Mask{booleans({1, 0})}}, {}, states);
  BOOST_TEST(same_numbers(labels->values(), integers({1, 7, -1, 0, 5})));
  const LookUpLabels::Out out = LookUpLabels().run({{integers({2, 3, 1, 3})}}, {Read<Table>(*labels)});
  BOOST_TEST(same_numbers(out.labels.tensor, integers({-1, 0, 7, 0})));
  BOOST_TEST(same_numbers(out.known.tensor, booleans({0, 1, 1, 1})));
  BOOST_TEST(fails_with("'index' has 1 rows but 'label' has 2.", [&] {
    StoreLabels().run({{integers({1, 3})}, {integers({0})}, {}}, {}, states);
  }));
}

BOOST_AUTO_TEST_CASE(prototypes_move_from_zero_or_as_means_of_what_was_counted) {
  const auto prototypes = table(floats({{0, 0}, {8, 8}}));
  const auto counts = table(torch::tensor({0.0F, 0.0F}));
  UpdatePrototypes::Params params;
  params.momentum = 0.75;
  params.normalize = false;
  params.first = FirstFeature::move;
  const UpdatePrototypes::In in{{floats({{4, 0}, {0, 4}, {2, 2}})}, {integers({0, 0, 1})}, {}};
  const auto states = [&](bool with_counts) {
    return UpdatePrototypes::State{Write<Table>(*prototypes),
                                   with_counts ? std::optional<Write<Table>>(Write<Table>(*counts)) : std::nullopt};
  };
  UpdatePrototypes().run(in, params, states(false));
  // Class 0: (1,0), then (.75,0) + (0,1).
  BOOST_TEST(close(prototypes->values(), floats({{0.75F, 1}, {6.5F, 6.5F}})));
  params.running_mean = 1;
  BOOST_TEST(fails_with("'running_mean' needs a table of 'counts'.",
                        [&] { UpdatePrototypes().run(in, params, states(false)); }));
  // The first feature of a class takes the old prototype's place: it was not counted.
  UpdatePrototypes().run(in, params, states(true));
  BOOST_TEST(close(prototypes->values(), floats({{2, 2}, {2, 2}})));
  BOOST_TEST(close(counts->values(), torch::tensor({2.0F, 1.0F})));
  UpdatePrototypes().run({{floats({{5, 5}})}, {integers({0})}, {}}, params, states(true));
  UpdatePrototypes().run({{floats({{5, 5}})}, {integers({0})}, Mask{booleans({0})}}, params, states(true));
  BOOST_TEST(close(prototypes->values()[0], torch::tensor({3.0F, 3.0F})));
  BOOST_TEST(close(counts->values(), torch::tensor({3.0F, 1.0F})));
  BOOST_TEST(fails_with("no prototype for the class 2", [&] {
    UpdatePrototypes().run({{floats({{5, 5}})}, {integers({2})}, {}}, params, states(true));
  }));
}

BOOST_AUTO_TEST_CASE(candidate_labels_walk_through_the_batch) {
  // Prototype of class 0 from row 0 (clear); row 1 then measures itself against it.
  const torch::Tensor probs = floats({{0.9F, 0.1F, 0}, {0.5F, 0.3F, 0.2F}, {0.1F, 0.8F, 0.1F}, {0.4F, 0.35F, 0.25F}});
  const torch::Tensor features = floats({{1, 0}, {0.6F, 0.8F}, {0, 1}, {1, 0}});
  const auto prototypes = table(torch::zeros({3, 2})), weights = table(torch::zeros({5, 3}));
  const auto initialised = table(torch::zeros({5}, torch::kBool)), labels = table(integers({0, 1, 1, 2, 2}));
  CandidateLabels::Params params;
  params.confident = 0.55;
  params.candidate = 0.3;
  params.momentum = 0.5;
  const CandidateLabels::Out out = CandidateLabels().run(
      {{probs}, {features}, {integers({0, 2, 1, 4})}}, params,
      {Write<Table>(*prototypes), Write<Table>(*weights), Write<Table>(*initialised), Write<Table>(*labels)});
  // Row 1, sample 2: w = (.5,.3,.2)/2 + (.6,0,0)/2 = (.55,.15,.1); candidates 0 and 1; .55 reaches: label 0.
  // Row 2, sample 1: clear, prototype of 1 is (0,1).
  // Row 3, sample 4: w = (.4,.35,.25)/2 + (1,0,0)/2 = (.7,.175,.125): label 0.
  BOOST_TEST(same_numbers(out.clear.tensor, booleans({1, 0, 1, 0})));
  BOOST_TEST(same_numbers(out.relabeled.tensor, booleans({0, 1, 0, 1})));
  BOOST_TEST(same_numbers(out.used.tensor, booleans({1, 1, 1, 1})));
  BOOST_TEST(same_numbers(out.labels.tensor, integers({0, 0, 1, 0})));
  BOOST_TEST(close(out.weights.tensor, floats({{0, 0, 0}, {0.55F, 0.15F, 0.1F}, {0, 0, 0}, {0.7F, 0.175F, 0.125F}})));
  BOOST_TEST(same_numbers(out.set.tensor, floats({{0, 0, 0}, {1, 1, 0}, {0, 0, 0}, {1, 1, 0}})));
  BOOST_TEST(same_numbers(labels->values(), integers({0, 1, 0, 2, 0})));
  BOOST_TEST(same_numbers(initialised->values(), booleans({0, 0, 1, 0, 1})));
  BOOST_TEST(close(prototypes->values(), floats({{1, 0}, {0, 1}, {0, 0}})));

  // A second visit of sample 2 keeps its weights: (.55,.15,.1)/2 + (0,1,0)/2; not enough for class 1 above .7.
  params.confident = 0.7;
  const CandidateLabels::Out again = CandidateLabels().run(
      {{floats({{0.3F, 0.4F, 0.3F}})}, {floats({{0, 1}})}, {integers({2})}}, params,
      {Write<Table>(*prototypes), Write<Table>(*weights), Write<Table>(*initialised), Write<Table>(*labels)});
  BOOST_TEST(close(again.weights.tensor, floats({{0.275F, 0.575F, 0.05F}})));
  BOOST_TEST(same_numbers(again.used.tensor, booleans({0})));
  BOOST_TEST(same_numbers(again.labels.tensor, integers({0})));
}

BOOST_AUTO_TEST_CASE(walks_refuse_sizes_that_do_not_agree) {
  const torch::Tensor probs = floats({{0.9F, 0.1F, 0}, {0.5F, 0.3F, 0.2F}});
  const auto prototypes = table(torch::zeros({3, 2})), narrow = table(torch::zeros({5, 2}));
  const auto weights = table(torch::zeros({5, 3})), initialised = table(torch::zeros({5}, torch::kBool)),
             labels = table(integers({0, 1, 1, 2, 2}));
  const auto walk = [&](const torch::Tensor& features, const torch::Tensor& index, Table& kept) {
    CandidateLabels().run(
        {{probs}, {features}, {index}}, {},
        {Write<Table>(*prototypes), Write<Table>(kept), Write<Table>(*initialised), Write<Table>(*labels)});
  };
  const torch::Tensor features = floats({{1, 0}, {0.6F, 0.8F}});
  BOOST_TEST(fails_with("'features' has 1 rows but 'probs' has 2.", [&] {
    walk(floats({{1, 0}}), integers({0, 1}), *weights);
  }));
  BOOST_TEST(fails_with("'index' has 1 rows but 'probs' has 2.", [&] { walk(features, integers({0}), *weights); }));
  BOOST_TEST(fails_with("The table in 'weights' has 2 numbers along its last axis for 3 classes.", [&] {
    walk(features, integers({0, 1}), *narrow);
  }));
  BOOST_TEST(
      fails_with("The sample 5 has no row in a table of 5 rows. Make the table's first axis the stream that the "
                 "index comes from.",
                 [&] {
                   walk(features, integers({0, 5}), *weights);
                 }));

  const auto collect = [&](const torch::Tensor& index, const std::optional<Mask>& rows, Table& bank) {
    ComplementaryLabels().run({{probs}, {index}, rows}, {}, {Write<Table>(bank)});
  };
  BOOST_TEST(fails_with("'index' has 3 rows but 'probs' has 2.", [&] { collect(integers({0, 1, 2}), {}, *weights); }));
  BOOST_TEST(fails_with("'rows' has 1 rows but 'probs' has 2.", [&] {
    collect(integers({0, 1}), Mask{booleans({1})}, *weights);
  }));
  BOOST_TEST(fails_with("The table in 'bank' has 2 numbers along its last axis for 3 classes.", [&] {
    collect(integers({0, 1}), {}, *narrow);
  }));
}

BOOST_AUTO_TEST_CASE(candidates_alone_may_become_labels) {
  // The largest weight belongs to class 2, which is no candidate.
  const auto prototypes = table(floats({{0, 1}, {0.6F, 0.8F}, {1, 0}})), weights = table(torch::zeros({1, 3}));
  const auto initialised = table(torch::zeros({1}, torch::kBool)), labels = table(integers({0}));
  CandidateLabels::Params params;
  params.confident = 0.5;
  params.candidate = 0.3;
  params.momentum = 0.5;
  const CandidateLabels::Out out = CandidateLabels().run(
      {{floats({{0.3F, 0.5F, 0.2F}})}, {floats({{1, 0}})}, {integers({0})}}, params,
      {Write<Table>(*prototypes), Write<Table>(*weights), Write<Table>(*initialised), Write<Table>(*labels)});
  BOOST_TEST(close(out.weights.tensor, floats({{0.15F, 0.55F, 0.6F}})));
  BOOST_TEST(same_numbers(out.labels.tensor, integers({1})));
}

BOOST_AUTO_TEST_CASE(a_bank_takes_one_class_per_visit) {
  const auto bank = table(torch::zeros({3, 3}));
  ComplementaryLabels::Params params;
  params.below = 0.1;
  const torch::Tensor row = floats({{0.02F, 0.9F, 0.08F}});
  const auto visit = [&](std::optional<Mask> rows) {
    return ComplementaryLabels()
        .run({{torch::cat({row, row, floats({{0.3F, 0.4F, 0.3F}})})}, {integers({2, 0, 1})}, rows}, params,
             {Write<Table>(*bank)})
        .labels.tensor;
  };
  BOOST_TEST(same_numbers(visit(Mask{booleans({1, 0, 1})}), floats({{1, 0, 0}, {0, 0, 0}, {0, 0, 0}})));
  BOOST_TEST(same_numbers(visit({}), floats({{1, 0, 1}, {1, 0, 0}, {0, 0, 0}})));
  BOOST_TEST(same_numbers(visit({}), floats({{1, 0, 1}, {1, 0, 1}, {0, 0, 0}})));
  BOOST_TEST(same_numbers(bank->values(), floats({{1, 0, 1}, {0, 0, 0}, {1, 0, 1}})));
}

BOOST_AUTO_TEST_CASE(a_bank_takes_all_classes_whose_turn_comes_in_one_visit) {
  const auto bank = table(torch::zeros({2, 4}));
  ComplementaryLabels::Params params;
  params.below = 0.11;
  params.per_visit = PerVisit::all;
  const auto visit = [&](const torch::Tensor& probs) {
    return ComplementaryLabels().run({{probs}, {integers({1})}, {}}, params, {Write<Table>(*bank)}).labels.tensor;
  };
  // .1 enters; of the others .1 is .111 of .9 and does not.
  BOOST_TEST(same_numbers(visit(floats({{0.1F, 0.1F, 0.3F, 0.5F}})), floats({{1, 0, 0, 0}})));
  // .105 is .1105 of the .95 that is not in the bank: masked classes take no part from the start on.
  BOOST_TEST(same_numbers(visit(floats({{0.05F, 0.105F, 0.3F, 0.545F}})), floats({{1, 0, 0, 0}})));
  // .01, then .05 of .94; the last class of all stays out.
  BOOST_TEST(same_numbers(visit(floats({{0.05F, 0.01F, 0.04F, 0.9F}})), floats({{1, 1, 1, 0}})));
  BOOST_TEST(same_numbers(visit(floats({{0.999F, 0, 0, 0.001F}})), floats({{1, 1, 1, 0}})));
  BOOST_TEST(same_numbers(bank->values()[0], torch::zeros({4})));
}

BOOST_AUTO_TEST_CASE(classes_of_no_probability_may_be_passed_over) {
  for (const bool skip : {false, true}) {
    const auto bank = table(torch::zeros({1, 3}));
    ComplementaryLabels::Params params;
    params.skip_zeros = skip;
    const torch::Tensor labels =
        ComplementaryLabels()
            .run({{floats({{0, 0.001F, 0.999F}})}, {integers({0})}, {}}, params, {Write<Table>(*bank)})
            .labels.tensor;
    BOOST_TEST(same_numbers(labels, skip ? floats({{0, 1, 0}}) : floats({{1, 0, 0}})));
  }
}

BOOST_AUTO_TEST_CASE(a_mask_taken_for_row_numbers_collapses_banks_onto_the_second_row) {
  const auto bank = table(floats({{0, 0, 0}, {0, 0, 1}, {0, 1, 0}}));
  ComplementaryLabels::Params params;
  params.below = 0.1;
  params.mask_as_index = true;
  const torch::Tensor probs = floats({{0.05F, 0.9F, 0.05F}, {0.05F, 0.04F, 0.91F}, {0.9F, 0.08F, 0.02F}});
  const auto run = [&](const std::optional<Mask>& rows) {
    return ComplementaryLabels().run({{probs}, {integers({0, 1, 2})}, rows}, params, {Write<Table>(*bank)});
  };
  // Nothing is covered: banks and labels stay.
  BOOST_TEST(same_numbers(run(Mask{booleans({0, 0, 0})}).labels.tensor, bank->values()));
  // Each covered row starts from (0,0,1), that of the second row; what the last one makes of it stays.
  const ComplementaryLabels::Out out = run(Mask{booleans({1, 0, 1})});
  BOOST_TEST(same_numbers(out.labels.tensor[0], torch::tensor({1.0F, 0.0F, 1.0F})));
  BOOST_TEST(same_numbers(out.labels.tensor[2], torch::tensor({0.0F, 1.0F, 1.0F})));
  BOOST_TEST(same_numbers(out.bank.tensor, floats({{0, 0, 0}, {0, 1, 1}, {0, 1, 0}})));
  BOOST_TEST(same_numbers(bank->values(), out.bank.tensor));
  // A full bank stays full.
  bank->values().fill_(1);
  BOOST_TEST(same_numbers(run({}).bank.tensor, torch::ones({3, 3})));
  const auto single = [&](const std::optional<Mask>& rows) {
    return ComplementaryLabels().run({{floats({{0.05F, 0.9F, 0.05F}})}, {integers({0})}, rows}, params,
                                     {Write<Table>(*bank)});
  };
  BOOST_TEST(fails_with("'mask_as_index' takes the batch's second row, but there is only one.", [&] { single({}); }));
  BOOST_CHECK_NO_THROW(single(Mask{booleans({0})}));
}

BOOST_AUTO_TEST_CASE(beta_draws_have_the_moments_of_the_distribution) {
  Random random(5, 6, 7);
  for (const auto& [a, b] : std::vector<std::pair<double, double>>{{0.75, 0.75}, {2, 5}, {0.2, 1}}) {
    constexpr int draws = 20'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < draws; ++i) {
      const double x = draw_beta(random, a, b);
      BOOST_REQUIRE((x >= 0 && x <= 1));
      sum += x;
      squares += x * x;
    }
    const double mean = sum / draws, variance = squares / draws - mean * mean;
    BOOST_TEST(std::abs(mean - a / (a + b)) < 0.01);
    BOOST_TEST(std::abs(variance - a * b / ((a + b) * (a + b) * (a + b + 1))) < 0.005);
  }
  BOOST_TEST(std::isfinite(draw_beta(random, 1e-4, 1e-4)));
}

BOOST_AUTO_TEST_CASE(a_mixing_draw_is_keyed_and_orders_all_rows) {
  const DrawMix::In in{{{pixels(3)}, {pixels(5)}}};
  const DrawMix::Out out = DrawMix().run(in, {}, context("step.draw", 4));
  BOOST_TEST((out.lambda.value >= 0.5 && out.lambda.value <= 1));
  BOOST_TEST(same_numbers(std::get<0>(out.perm.tensor.sort()), torch::arange(8)));
  BOOST_TEST(DrawMix().run(in, {}, context("step.draw", 4)).lambda.value == out.lambda.value);
  BOOST_TEST(DrawMix().run(in, {}, context("step.draw", 5)).lambda.value != out.lambda.value);
}

BOOST_AUTO_TEST_CASE(mix_blends_images_and_targets_alike) {
  Network::Params three;
  three.classes = 3;
  const auto net = tinynet("net", three);
  const torch::Tensor soft = floats({{0.5F, 0.5F, 0}});
  const Mix::Out out = Mix().run(
      {{{pixels(2)}, {pixels(1, 3)}}, {Labels{integers({2, 0})}, Targets{soft}}, {0.75}, {integers({2, 0, 1})}},
      {Read<Network>(*net)});
  const torch::Tensor x = net->normalise(torch::cat({pixels(2), pixels(1, 3)}));
  BOOST_TEST(close(out.images.tensor, 0.75 * x + 0.25 * x.index_select(0, integers({2, 0, 1}))));
  BOOST_TEST(close(out.targets.tensor, floats({{0.125F, 0.125F, 0.75F}, {0.75F, 0, 0.25F}, {0.625F, 0.375F, 0}})));
  BOOST_TEST(same_numbers(out.images_parts[1].tensor, out.images.tensor.narrow(0, 2, 1)));
  BOOST_TEST(same_numbers(out.targets_parts[0].tensor, out.targets.tensor.narrow(0, 0, 2)));
  BOOST_TEST(fails_with("The order has 2 rows but the batches have 1.", [&] {
    Mix().run({{{pixels(1)}}, {Targets{soft}}, {0.75}, {integers({1, 0})}}, {Read<Network>(*net)});
  }));
}

BOOST_AUTO_TEST_SUITE_END()
