// t-SNE and the principal components before it.
#include "report/tsne.hpp"

#include <tbb/global_control.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "graph/random.hpp"

using namespace fergraph;

namespace {

// Normal groups of `each` points in 20 dimensions, `apart` deviations from each other.
FeatureTable groups(int count, int each, double apart) {
  FeatureTable table{count * each, 20, {}};
  Random random(3, name_hash("groups"), 0);
  for (int i = 0; i < count * each; ++i)
    for (int k = 0; k < 20; ++k)
      table.values.push_back(static_cast<float>(random.normal() + (k == i / each ? apart : 0)));
  return table;
}

double distance(PlanePoint a, PlanePoint b) { return std::hypot(a.x - b.x, a.y - b.y); }

}  // namespace

BOOST_AUTO_TEST_SUITE(tsne_of_features)

BOOST_AUTO_TEST_CASE(groups_that_are_apart_stay_apart) {
  const int each = 60;
  const FeatureTable table = groups(2, each, 12);
  const std::vector<PlanePoint> points = tsne(table);
  BOOST_REQUIRE_EQUAL(points.size(), 2 * each);
  // Every point's nearest neighbour is of its own group, and the groups' middles are further apart than their sizes.
  PlanePoint middles[2];
  for (int i = 0; i < 2 * each; ++i) {
    int nearest = i == 0 ? 1 : 0;
    for (int j = 0; j < 2 * each; ++j)
      if (j != i && distance(points[i], points[j]) < distance(points[i], points[nearest])) nearest = j;
    BOOST_TEST(nearest / each == i / each);
    middles[i / each].x += points[i].x / each;
    middles[i / each].y += points[i].y / each;
  }
  double size = 0;
  for (int i = 0; i < 2 * each; ++i) size += distance(points[i], middles[i / each]) / (2 * each);
  BOOST_TEST(distance(middles[0], middles[1]) > 2 * size);
}

BOOST_AUTO_TEST_CASE(the_same_for_any_number_of_threads) {
  const FeatureTable table = principal_components(groups(3, 40, 5), 10);
  const std::vector<PlanePoint> all = tsne(table);
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const std::vector<PlanePoint> alone = tsne(table);
  for (std::size_t i = 0; i < all.size(); ++i) {
    BOOST_TEST(all[i].x == alone[i].x);
    BOOST_TEST(all[i].y == alone[i].y);
  }
}

BOOST_AUTO_TEST_CASE(neighbours_are_kept_far_better_than_by_chance) {
  const FeatureTable table = groups(4, 50, 6);
  const std::vector<PlanePoint> points = tsne(table);
  BOOST_TEST(trustworthiness(table, points, 7) > 0.9);
  std::vector<PlanePoint> shuffled(points.size());
  const std::vector<std::int64_t> order =
      Random(1, name_hash("shuffled"), 0).permutation(static_cast<std::int64_t>(points.size()));
  for (std::size_t i = 0; i < points.size(); ++i) shuffled[i] = points[static_cast<std::size_t>(order[i])];
  BOOST_TEST(trustworthiness(table, shuffled, 7) < 0.6);
}

BOOST_AUTO_TEST_CASE(few_and_equal_rows_give_finite_points) {
  for (const std::int64_t rows : {0, 1, 2, 3, 4, 5, 40}) {
    const FeatureTable equal{rows, 3, std::vector<float>(static_cast<std::size_t>(rows * 3), 1.5F)};
    for (const PlanePoint& point : tsne(principal_components(equal, 50)))
      BOOST_TEST((std::isfinite(point.x) && std::isfinite(point.y)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(principal_components_of_features)

BOOST_AUTO_TEST_CASE(all_components_keep_all_distances) {
  // As many as columns, and as many as rows where there are fewer of these.
  for (const int each : {30, 4}) {
    const FeatureTable table = groups(2, each, 3);
    const FeatureTable turned = principal_components(table, 20);
    const auto squared = [](const FeatureTable& of, std::int64_t a, std::int64_t b) {
      double sum = 0;
      for (std::int64_t k = 0; k < of.columns; ++k)
        sum += std::pow(of.values[static_cast<std::size_t>(a * of.columns + k)] -
                            of.values[static_cast<std::size_t>(b * of.columns + k)],
                        2);
      return sum;
    };
    for (std::int64_t i = 1; i < table.rows; ++i)
      BOOST_TEST(squared(table, 0, i) == squared(turned, 0, i), boost::test_tools::tolerance(1e-4));
  }
}

BOOST_AUTO_TEST_CASE(the_first_has_the_largest_variance_and_a_sign_of_its_own) {
  const FeatureTable turned = principal_components(groups(2, 50, 9), 3);
  double squares[3] = {};
  double largest[3] = {};
  for (std::int64_t i = 0; i < turned.rows; ++i)
    for (std::int64_t k = 0; k < 3; ++k) {
      const double value = turned.values[static_cast<std::size_t>(i * 3 + k)];
      squares[k] += value * value;
      if (std::abs(value) > std::abs(largest[k])) largest[k] = value;
    }
  BOOST_TEST(squares[0] > squares[1]);
  BOOST_TEST(squares[1] > squares[2]);
  for (const double each : largest) BOOST_TEST(each > 0);
}

BOOST_AUTO_TEST_SUITE_END()
