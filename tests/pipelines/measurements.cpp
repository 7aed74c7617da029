// What methods measure of their own decisions, against the same counted from what they record.
#include <cmath>
#include <map>
#include <numeric>

#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(measurements, *boost::unit_test::fixture<SmallFaces>())

namespace {

/// All arrays of each record, in order.
struct Arrays : RunObserver {
  void recorded(Section, const Clock&, const std::vector<RecordedValue>& values) override {
    for (const RecordedValue& value : values)
      if (const auto numbers = value.numbers()) of[*value.name].push_back(*numbers);
  }
  /// Of all calls, one after another.
  std::vector<double> all(const std::string& name) const {
    std::vector<double> values;
    for (const NumericArray& array : of.at(name))
      for (std::size_t i = 0; i < array.size(); ++i) values.push_back(array.at(i));
    return values;
  }
  double last(const std::string& name) const { return of.at(name).back().at(0); }

  std::map<std::string, std::vector<NumericArray>> of;
};

Arrays measured(const std::string& method, const std::vector<std::string>& more) {
  LoadOptions load;
  load.file = pipelines / "methods" / method;
  load.settings = {"cache=" + (SmallFaces::folder / "faces.h5").string(), "labels=14", "batch_labeled=6",
                   "batch_test=7", "lr=1e-3"};
  load.settings.insert(load.settings.end(), more.begin(), more.end());
  Arrays arrays;
  RunOptions options;
  options.observer = &arrays;
  Run run(check_pipeline(load_document(load), registry()), options);
  run.train();
  return arrays;
}

bool same(double a, double b) { return std::abs(a - b) < 1e-12 || (std::isnan(a) && std::isnan(b)); }

}  // namespace

BOOST_AUTO_TEST_CASE(pseudo_labels_are_counted_over_the_epoch) {
  const Arrays arrays = measured(
      "ada-cm.yaml", {"epochs=1", "steps=5", "batch_unlabeled=6", "margin_initial=0.16",
                      "step.told={node: same_labels, a: guess.label, b: unlabeled.truth}", "records.told=told.same"});
  const std::vector<double> label = arrays.all("pseudo.label"), used = arrays.all("mask.confident"),
                            is_right = arrays.all("told"), counts = arrays.all("pseudo.counts");
  BOOST_REQUIRE_EQUAL(label.size(), 30U);
  BOOST_REQUIRE_EQUAL(is_right.size(), 30U);
  std::vector<double> wanted(7 * 2 * 3);
  double right = 0, all_used = 0;
  for (std::size_t i = 0; i < label.size(); ++i) {
    wanted[static_cast<std::size_t>(6 * label[i] + 3 * used[i] + is_right[i])] += 1;
    all_used += used[i];
    right += used[i] * is_right[i];
  }
  BOOST_TEST(counts == wanted, boost::test_tools::per_element());
  BOOST_TEST(same(arrays.last("pseudo.share_all"), all_used / 30));
  BOOST_TEST(same(arrays.last("pseudo.accuracy_all"), right / all_used));
  BOOST_TEST(arrays.last("subset.I") == all_used);
  BOOST_TEST(arrays.last("subset.II") == 30 - all_used);
}

BOOST_AUTO_TEST_CASE(noise_is_told_by_the_mixtures_of_both_networks) {
  const Arrays arrays =
      measured("resup.yaml", {"epochs=1", "steps=2", "labeled.noise={kind: symmetric, rate: 0.5, seed: 1}",
                              "records.given=fit_on.labels", "records.seen=fit_on.truth"});
  const std::vector<double> given = arrays.all("given"), truth = arrays.all("seen");
  double flagged = 0, wrong = 0, found = 0;
  for (const char* weights : {"weights.net1", "weights.net2"}) {
    const NumericArray& posterior = arrays.of.at(weights).back();
    BOOST_REQUIRE_EQUAL(posterior.size(), 42U);
    for (std::size_t i = 0; i < given.size(); ++i) {
      const bool low = posterior.at(i) < 0.5, is_wrong = given[i] != truth[i];
      flagged += low;
      wrong += is_wrong;
      found += low && is_wrong;
    }
  }
  BOOST_TEST(wrong == 42);  // 21 of 42, twice
  BOOST_TEST(same(arrays.last("noise.flagged"), flagged / 84));
  BOOST_TEST(same(arrays.last("noise.precision"), found / flagged));
  BOOST_TEST(same(arrays.last("noise.recall"), found / wrong));
}

BOOST_AUTO_TEST_CASE(labels_that_are_given_once_are_counted_once) {
  const Arrays arrays = measured("pseudo-label.offline.yaml", {"epochs=2", "steps=2"});
  const std::vector<double> counts = arrays.all("pseudo.counts");
  BOOST_REQUIRE_EQUAL(counts.size(), 42U);
  BOOST_TEST(std::accumulate(counts.begin(), counts.end(), 0.0) == 28);  // the unlabeled samples
  BOOST_TEST(arrays.last("pseudo.share_all") == 1);
}

BOOST_AUTO_TEST_CASE(subsets_have_sizes_and_the_test_its_measures) {
  const Arrays arrays = measured("asm.yaml", {"epochs=2", "steps=2", "warmup_epochs=1"});
  BOOST_REQUIRE_EQUAL(arrays.all("subset.noisy").size(), 1U);  // none in the warm-up
  BOOST_TEST(arrays.last("subset.clean") + arrays.last("subset.ambiguous") + arrays.last("subset.noisy") == 42);
  BOOST_TEST(arrays.of.at("noise.flagged").size() == 1U);
  BOOST_TEST(same(arrays.last("noise.flagged"), arrays.last("subset.noisy") / 42));
  const NumericArray& reliability = arrays.of.at("test.reliability").back();
  BOOST_TEST((reliability.shape == std::vector<std::int64_t>{15, 3}));
  double tested = 0;
  for (std::size_t bin = 0; bin < 15; ++bin) tested += reliability.at(3 * bin);
  BOOST_TEST(tested == 14);
  for (const char* name : {"test.macro_f1", "test.calibration_error", "test.mean_recall"})
    BOOST_TEST((arrays.last(name) >= 0 && arrays.last(name) <= 1), name);
  BOOST_TEST(arrays.of.at("test.recall").back().size() == 7U);
}

BOOST_AUTO_TEST_SUITE_END()
