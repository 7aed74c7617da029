// Views in the steady state allocate nothing: neither with operator new (under which OpenCV also keeps the books of
// each picture that it allocates) nor otherwise.
#include <boost/test/unit_test.hpp>
#include <memory>

#include "nodes/augment/augment.hpp"
#include "tests/nodes/augment/allocation_counter.hpp"
#include "tests/nodes/augment/views.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(augment_allocations)

namespace {

// Of a hundred views, after as many that warm up.
long allocations_of(const std::string& ops, int side) {
  const cv::Mat face = picture(side, side);
  const Augment node;
  const Augment::Params params{operations(ops)};
  Context context;
  const auto make = [&](std::int64_t first) {
    for (context.position = first; context.position < first + 100; ++context.position)
      node.run({{face}}, params, context);
  };
  make(0);
  const AllocationCounter counter;
  make(100);
  return counter.count();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_counter_counts) {
  const AllocationCounter counter;
  const cv::Mat picture(4, 4, CV_8UC3);
  const auto number = std::make_unique<int>(3);
  BOOST_TEST(counter.count() >= 2);
}

BOOST_AUTO_TEST_CASE(views_allocate_nothing_once_warm) {
  for (const int side : {112, 224}) {
    BOOST_TEST(allocations_of("[{crop: {padding: 8, probability: 0.5}}, {flip: 0.5}]", side) == 0);
    BOOST_TEST(
        allocations_of("[{rand_augment: {operations: 3}}, {cutout: {side: 0.5}}, {crop: {padding: 8, probability: "
                       "0.5}}, {flip: 0.5}]",
                       side) == 0);
    BOOST_TEST(
        allocations_of("[{rand_augment: {operations: 2, pool: torchvision}}, {resize: 160}, {resize: {size: [60, "
                       "50], filter: bicubic}}, {colour: 0.4}, {random_erasing: {fill: noise}}]",
                       side) == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
