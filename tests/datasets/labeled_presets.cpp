#include "datasets/labeled_presets.hpp"

#include <numeric>

#include "datasets/splits.hpp"
#include "tests/datasets/layout_tree.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(labeled_presets)

namespace {

const Texts seven = {"surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"};
using Counts = std::vector<std::int64_t>;

template <class Call>
std::string message(const Call& call) {
  try {
    call();
  } catch (const DatasetError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

BOOST_AUTO_TEST_CASE(presets_sum_to_their_names) {
  for (const std::string& name : labeled_preset_names()) {
    const Counts counts = counts_by_class(labeled_preset(name), seven);
    BOOST_TEST(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) == std::stoll(name.substr(4)));
    BOOST_TEST(counts[1] < counts[0]);
  }
  BOOST_TEST(counts_by_class({{"Fear", 182}, {"others", 300}}, seven)[1] == 182);
}

BOOST_AUTO_TEST_CASE(no_class_gives_more_than_half) {
  Counts labels(50, 0);
  labels.insert(labels.end(), 31, 1);
  const LabeledChoice choice = choose_labeled_capped(labels, {"happiness", "fear"}, Counts{20, 20}, 5);
  BOOST_TEST(choice.per_class == (Counts{20, 15}), boost::test_tools::per_element());
  BOOST_TEST(choice.indices.size() == 35u);
  expect_texts(choice.warnings, {"The class 'fear' gives 15 labeled samples instead of 20: half of its 31."});
  BOOST_TEST(choose_labeled_capped(labels, {"happiness", "fear"}, Counts{25, 15}, 5).warnings.empty());
}

BOOST_AUTO_TEST_CASE(errors) {
  BOOST_TEST(message([] { labeled_preset("fer-300"); }) ==
             "There is no choice of labels named 'fer-300'. Known are fer-100, fer-400, fer-1000, fer-2000, fer-4000.");
  BOOST_TEST(message([] {
               counts_by_class({{"feer", 1}, {"others", 2}}, seven);
             }) == "Labels are asked for the class 'feer', which the data set does not have; did you mean 'fear'?");
  BOOST_TEST(message([] {
               counts_by_class({{"fear", 1}}, seven);
             }) ==
             "No number of labels is given for the class 'surprise'; name it, or 'others' for all classes that are not "
             "named.");
}

BOOST_AUTO_TEST_SUITE_END()
