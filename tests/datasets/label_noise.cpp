#include "datasets/label_noise.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "datasets/dataset_error.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(label_noise)

namespace {

using Indices = std::vector<std::int64_t>;

// Class c has 10 * (c + 1) samples; and 5 unknown ones.
Indices unbalanced(std::int64_t classes) {
  Indices labels(5, -1);
  for (std::int64_t c = 0; c < classes; ++c) labels.insert(labels.end(), static_cast<std::size_t>(10 * (c + 1)), c);
  return labels;
}

}  // namespace

BOOST_AUTO_TEST_CASE(exact_counts_per_class) {
  const Indices labels = unbalanced(7);
  for (const double rate : {0.0, 0.1, 0.25, 0.33, 1.0}) {
    const NoisyLabels noisy = symmetric_noise(labels, 7, rate, 11);
    Indices changed(7);
    std::size_t differing = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (noisy.labels[i] == labels[i]) continue;
      ++differing;
      BOOST_REQUIRE(labels[i] >= 0);
      BOOST_REQUIRE((noisy.labels[i] >= 0 && noisy.labels[i] < 7));
      ++changed[static_cast<std::size_t>(labels[i])];
    }
    BOOST_TEST(differing == noisy.changed.size());
    BOOST_TEST(std::is_sorted(noisy.changed.begin(), noisy.changed.end()));
    for (std::size_t c = 0; c < 7; ++c)
      BOOST_TEST(changed[c] == std::llround(rate * 10.0 * static_cast<double>(c + 1)));
  }
}

BOOST_AUTO_TEST_CASE(seeds_and_rates) {
  const Indices labels = unbalanced(3);
  const NoisyLabels little = symmetric_noise(labels, 3, 0.2, 4), much = symmetric_noise(labels, 3, 0.5, 4);
  BOOST_TEST(symmetric_noise(labels, 3, 0.2, 4).labels == little.labels, boost::test_tools::per_element());
  BOOST_TEST((symmetric_noise(labels, 3, 0.2, 5).labels != little.labels));
  for (const std::int64_t i : little.changed) {
    BOOST_TEST(much.labels[static_cast<std::size_t>(i)] == little.labels[static_cast<std::size_t>(i)]);
  }
  // Pinned: published noise must stay the same noise.
  BOOST_TEST(little.changed == (Indices{9, 11, 20, 24, 31, 33, 40, 47, 51, 53, 54, 62}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(new_labels_are_uniform) {
  const Indices labels(60000, 2);
  const NoisyLabels noisy = symmetric_noise(labels, 7, 1, 8);
  Indices counts(7);
  for (const std::int64_t label : noisy.labels) ++counts[static_cast<std::size_t>(label)];
  BOOST_TEST(counts[2] == 0);
  for (const std::size_t c : {0, 1, 3, 4, 5, 6}) BOOST_TEST(std::abs(counts[c] - 10000) < 457);
}

BOOST_AUTO_TEST_CASE(errors) {
  const auto says = [](const std::string& text) {
    return [text](const DatasetError& error) {
      BOOST_TEST(error.what() == text);
      return true;
    };
  };
  BOOST_CHECK_EXCEPTION(symmetric_noise(Indices{0}, 2, 1.5, 0), DatasetError,
                        says("The rate of label noise is 1.500000; it must be from 0 to 1."));
  BOOST_CHECK_EXCEPTION(
      symmetric_noise(Indices{0}, 1, 0.5, 0), DatasetError,
      says("Label noise needs another class to draw from, and there are 1 classes; name at least two, "
           "or set the rate to 0."));
  BOOST_CHECK_EXCEPTION(symmetric_noise(Indices{0, 2}, 2, 0.5, 0), DatasetError,
                        says("The label of sample 1 is 2, outside the 2 classes; labels are class indices, or -1 for "
                             "unknown."));
}

BOOST_AUTO_TEST_CASE(asymmetric_counts_per_class) {
  const std::vector<std::string> names = {"Surprise", "fear", "disgust"};
  const NoisePairs pairs = usual_noise_pairs(names);
  BOOST_TEST((pairs == NoisePairs{{"fear", "surprise"}, {"surprise", "fear"}}));
  const Indices labels = unbalanced(3);
  for (const double rate : {0.0, 0.1, 0.25, 1.0}) {
    const NoisyLabels noisy = asymmetric_noise(labels, names, pairs, rate, 11);
    Indices changed(3);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (noisy.labels[i] == labels[i]) continue;
      BOOST_REQUIRE((labels[i] == 0 || labels[i] == 1));
      BOOST_REQUIRE(noisy.labels[i] == 1 - labels[i]);
      ++changed[static_cast<std::size_t>(labels[i])];
    }
    BOOST_TEST(changed[0] == std::llround(rate * 10));
    BOOST_TEST(changed[1] == std::llround(rate * 20));
    BOOST_TEST(static_cast<std::int64_t>(noisy.changed.size()) == changed[0] + changed[1]);
  }
}

BOOST_AUTO_TEST_CASE(pairs_of_cifar) {
  const std::vector<std::string> names = {"airplane", "automobile", "bird",  "cat",  "deer",
                                          "dog",      "frog",       "horse", "ship", "truck"};
  Indices labels;
  for (std::int64_t c = 0; c < 10; ++c) labels.insert(labels.end(), 20, c);
  const NoisyLabels noisy = asymmetric_noise(labels, names, usual_noise_pairs(names), 1, 3);
  const Indices becomes = {0, 1, 0, 5, 7, 3, 6, 7, 8, 1};
  for (std::size_t i = 0; i < labels.size(); ++i)
    BOOST_TEST(noisy.labels[i] == becomes[static_cast<std::size_t>(labels[i])]);
  BOOST_TEST(usual_noise_pairs({"a", "b"}).empty());
}

BOOST_AUTO_TEST_CASE(asymmetric_errors) {
  const std::vector<std::string> names = {"fear", "surprise"};
  const auto says = [](const std::string& text) {
    return [text](const DatasetError& error) {
      BOOST_TEST(error.what() == text);
      return true;
    };
  };
  BOOST_CHECK_EXCEPTION(asymmetric_noise(Indices{0}, names, {}, 0.5, 0), DatasetError,
                        says("Asymmetric noise needs pairs of classes, and none is known for these; name them, such as "
                             "{fear: surprise, surprise: fear}."));
  BOOST_CHECK_EXCEPTION(
      asymmetric_noise(Indices{0}, names, {{"fear", "suprise"}}, 0.5, 0), DatasetError,
      says("A pair of asymmetric noise names 'suprise', which is no class; did you mean 'surprise'?"));
  BOOST_CHECK_EXCEPTION(asymmetric_noise(Indices{0}, names, {{"fear", "surprise"}}, -1, 0), DatasetError,
                        says("The rate of label noise is -1.000000; it must be from 0 to 1."));
}

BOOST_AUTO_TEST_SUITE_END()
