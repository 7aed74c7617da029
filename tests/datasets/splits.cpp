#include "datasets/splits.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "datasets/counter_random.hpp"
#include "datasets/dataset_error.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(splits)

namespace {

using Indices = std::vector<std::int64_t>;
const std::vector<std::string> three = {"a", "b", "c"};

// counts[c] samples of class c, and some unknown ones, interleaved.
Indices labels_with(Indices counts, std::int64_t unknown = 0) {
  Indices labels;
  for (bool more = true; more;) {
    more = false;
    for (std::size_t c = 0; c < counts.size(); ++c) {
      if (counts[c]-- > 0) {
        labels.push_back(static_cast<std::int64_t>(c));
        more = true;
      }
    }
    if (unknown-- > 0) {
      labels.push_back(-1);
      more = true;
    }
  }
  return labels;
}

auto says(const std::string& text) {
  return [text](const DatasetError& error) {
    BOOST_TEST(error.what() == text);
    return true;
  };
}

}  // namespace

// Known answers of the Random123 distribution, kat_vectors.
BOOST_AUTO_TEST_CASE(philox_is_philox) {
  BOOST_TEST(
      (philox({0, 0, 0, 0}, {0, 0}) == std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  BOOST_TEST((philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

BOOST_AUTO_TEST_CASE(balanced_choice) {
  const Indices labels = labels_with({40, 40, 40}, 10);
  const LabeledChoice choice = choose_labeled(labels, three, 20, 1);
  BOOST_TEST(choice.per_class == (Indices{7, 7, 6}), boost::test_tools::per_element());
  BOOST_TEST(choice.indices.size() == 20u);
  BOOST_TEST(std::is_sorted(choice.indices.begin(), choice.indices.end()));
  BOOST_TEST((std::adjacent_find(choice.indices.begin(), choice.indices.end()) == choice.indices.end()));
  Indices found(3);
  for (const std::int64_t index : choice.indices)
    ++found.at(static_cast<std::size_t>(labels[static_cast<std::size_t>(index)]));
  BOOST_TEST(found == choice.per_class, boost::test_tools::per_element());
  BOOST_TEST(choice.warnings.empty());
  BOOST_TEST(choose_labeled(labels, three, 20, 1).indices == choice.indices, boost::test_tools::per_element());
  BOOST_TEST((choose_labeled(labels, three, 20, 2).indices != choice.indices));
  const Indices larger = choose_labeled(labels, three, 40, 1).indices;
  BOOST_TEST(std::includes(larger.begin(), larger.end(), choice.indices.begin(), choice.indices.end()));
}

// Pinned: a change of the generator or of the order would silently change every published choice.
BOOST_AUTO_TEST_CASE(choice_is_pinned) {
  BOOST_TEST(choose_labeled(labels_with({8, 8, 8}), three, 6, 42).indices == (Indices{4, 12, 15, 16, 17, 20}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(small_classes_give_half) {
  const LabeledChoice choice = choose_labeled(labels_with({100, 5, 50}), three, 60, 3);
  BOOST_TEST(choice.per_class == (Indices{33, 2, 25}), boost::test_tools::per_element());
  BOOST_TEST(
      choice.warnings ==
          (std::vector<std::string>{
              "The class 'b' gives 2 labeled samples instead of 20: half of its 5. The other classes make up for "
              "it."}),
      boost::test_tools::per_element());
  BOOST_CHECK_EXCEPTION(choose_labeled(labels_with({4, 4, 4}), three, 7, 0), DatasetError,
                        says("7 labeled samples are asked for, and half of every class makes 6; ask for 0 to 6, or "
                             "state the count of each class."));
}

BOOST_AUTO_TEST_CASE(stated_counts) {
  const LabeledChoice choice = choose_labeled(labels_with({4, 4, 4}), three, Indices{4, 0, 1}, 0);
  BOOST_TEST(choice.per_class == (Indices{4, 0, 1}), boost::test_tools::per_element());
  BOOST_TEST(choice.indices.size() == 5u);
  BOOST_CHECK_EXCEPTION(choose_labeled(labels_with({4, 4, 4}), three, Indices{5, 0, 0}, 0), DatasetError,
                        says("5 labeled samples of 'a' are asked for, and there are 4; ask for 0 to 4."));
  BOOST_CHECK_EXCEPTION(choose_labeled(labels_with({4, 4, 4}), three, Indices{1, 1}, 0), DatasetError,
                        says("Counts of labeled samples are given for 2 classes, and there are 3; give one count per "
                             "class."));
  BOOST_CHECK_EXCEPTION(choose_labeled(Indices{0, 3}, three, 0, 0), DatasetError,
                        says("The label of sample 1 is 3, outside the 3 classes; labels are class indices, or -1 for "
                             "unknown."));
}

BOOST_AUTO_TEST_CASE(stratified_hold_out) {
  const Indices labels = labels_with({20, 10, 1}, 5);
  const HoldOut out = hold_out(labels, three, 0.2, 9);
  Indices held(3);
  for (const std::int64_t index : out.held_out)
    ++held.at(static_cast<std::size_t>(labels[static_cast<std::size_t>(index)]));
  BOOST_TEST(held == (Indices{4, 2, 0}), boost::test_tools::per_element());
  BOOST_TEST(out.kept.size() + out.held_out.size() == labels.size());
  BOOST_TEST(out.warnings == (std::vector<std::string>{"The class 'c' has 1 sample, of which none is held out."}),
             boost::test_tools::per_element());
  BOOST_TEST(hold_out(labels, three, 0.2, 9).held_out == out.held_out, boost::test_tools::per_element());
  BOOST_TEST(hold_out(labels, three, 0, 9).held_out.empty());
  BOOST_CHECK_EXCEPTION(hold_out(labels, three, 1, 9), DatasetError,
                        says("The fraction to hold out is 1.000000; it must be at least 0 and below 1."));
}

BOOST_AUTO_TEST_CASE(below_is_uniform) {
  CounterRandom random(5, 0, 0);
  Indices counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[random.below(7)];
  // Five standard deviations of a binomial around 10000.
  for (const std::int64_t count : counts) BOOST_TEST(std::abs(count - 10000) < 463);
}

BOOST_AUTO_TEST_SUITE_END()
