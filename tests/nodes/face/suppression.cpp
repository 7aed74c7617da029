#include "nodes/face/suppression.hpp"

#include <boost/test/unit_test.hpp>

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(suppression)

BOOST_AUTO_TEST_CASE(overlapping_boxes_go) {
  // The second overlaps the first by 8/12 of the union, the third not at all; the fourth lies within the first.
  const std::vector<ScoredBox> boxes = {
      {0, 0, 10, 10, 0.8F}, {0, 2, 10, 12, 0.9F}, {20, 0, 30, 10, 0.7F}, {2, 2, 5, 5, 0.6F}};
  BOOST_TEST(suppress(boxes, 0.7F, Overlap::of_union) == (std::vector<std::size_t>{1, 0, 2, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(suppress(boxes, 0.5F, Overlap::of_union) == (std::vector<std::size_t>{1, 2, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(suppress(boxes, 0.7F, Overlap::of_smaller) == (std::vector<std::size_t>{1, 2}),
             boost::test_tools::per_element());
  BOOST_TEST(suppress({}, 0.7F, Overlap::of_union).empty());
}

BOOST_AUTO_TEST_CASE(ties) {
  const std::vector<ScoredBox> boxes = {{0, 0, 10, 10, 0.5F}, {0, 1, 10, 11, 0.5F}};
  BOOST_TEST(suppress(boxes, 0.5F, Overlap::of_union) == std::vector<std::size_t>{0}, boost::test_tools::per_element());
  BOOST_TEST(suppress(boxes, 0.5F, Overlap::of_smaller) == std::vector<std::size_t>{1},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
