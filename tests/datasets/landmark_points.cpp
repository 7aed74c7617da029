// Five landmarks of longer lists: which of the points are taken.
#include "datasets/landmark_points.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(landmark_points)

// All points that do not count lie far away.
BOOST_AUTO_TEST_CASE(five_of_sixty_eight_points) {
  std::vector<float> points(136, 5000);
  const auto set = [&](std::size_t i, float x, float y) {
    points[2 * i] = x;
    points[2 * i + 1] = y;
  };
  // Outlines of the eyes, whose means are (30, 40) and (70, 42).
  for (std::size_t i = 0; i < 6; ++i) {
    const float x = static_cast<float>(i) - 2.5F, y = i % 2 == 0 ? 1.5F : -1.5F;
    set(36 + i, 30 + x, 40 + y);
    set(42 + i, 70 + x, 42 + y);
  }
  set(30, 50, 60);  // the nose's tip
  set(48, 36, 80);
  set(54, 65, 82);
  const FiveLandmarks expected = {30, 40, 70, 42, 50, 60, 36, 80, 65, 82};
  BOOST_TEST(five_of_68(std::span<const float, 136>(points.data(), 136)) == expected, boost::test_tools::per_element());
  BOOST_TEST(five_of_list(points).value() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lists_of_other_lengths) {
  const FiveLandmarks five = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  BOOST_TEST(five_of_list(five).value() == five, boost::test_tools::per_element());
  for (const std::size_t length : {0U, 9U, 11U, 74U, 135U, 137U})
    BOOST_TEST(!five_of_list(std::vector<float>(length, 1)).has_value(), length);
}

BOOST_AUTO_TEST_SUITE_END()
