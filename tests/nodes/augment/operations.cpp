// What each operation of views does: nothing where nothing is asked for, its whole range where it is drawn, the same
// always.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <thread>

#include "nodes/augment/augment.hpp"
#include "nodes/augment/colour.hpp"
#include "nodes/augment/geometry.hpp"
#include "nodes/augment/rand_augment.hpp"
#include "nodes/augment/resize.hpp"
#include "tests/nodes/augment/views.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(augment_operations)

namespace {

const std::string strong_view =
    "[{rand_augment: {operations: 3}}, {cutout: {side: 0.5}}, {crop: {padding: 8, probability: 0.5}}, {flip: 0.5}]";

}  // namespace

BOOST_AUTO_TEST_CASE(what_changes_nothing_gives_the_input) {
  const cv::Mat face = picture(31, 23);
  for (const std::string text : {"[]",
                                 "[{flip: 0}]",
                                 "[{crop: 0}]",
                                 "[{rotate: 0}]",
                                 "[{shear_x: 0}]",
                                 "[{shear_y: 0}]",
                                 "[{translate_x: 0}]",
                                 "[{translate_y: 0}]",
                                 "[{posterize: 8}]",
                                 "[{solarize: 256}]",
                                 "[{brightness: 1}]",
                                 "[{contrast: 1}]",
                                 "[{saturation: 1}]",
                                 "[{sharpness: 1}]",
                                 "[{cutout: 0}]",
                                 "[{resize: [31, 23]}]",
                                 "[{colour: 0}]",
                                 "[{noise: 0}]",
                                 "[{rand_augment: 0}]",
                                 "[{random_erasing: 0}]",
                                 "[{rotate: 360}]",
                                 "[{flip: 1}, {flip: 1}]",
                                 "[{translate_x: 0.01}]"})
    BOOST_TEST(same_pixels(view(text, face), face), text);
  BOOST_TEST(view("[{flip: 0}, {rotate: 0}]", face).data == face.data, "An unchanged view needs no copy.");
}

BOOST_AUTO_TEST_CASE(views_are_the_same_in_any_order_and_thread) {
  const cv::Mat face = picture(40, 40);
  const auto all = operations(strong_view);
  std::vector<cv::Mat> one_by_one;
  for (std::uint64_t i = 0; i < 60; ++i) one_by_one.push_back(view(all, face, i));
  std::vector<std::thread> threads;
  std::vector<int> different(3);
  for (std::size_t t = 0; t < different.size(); ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 60; i-- > 0;) different[t] += !same_pixels(view(all, face, i), one_by_one[i]);
    });
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST((different == std::vector<int>{0, 0, 0}));
  std::set<std::string> distinct;
  for (const cv::Mat& each : one_by_one) distinct.emplace(reinterpret_cast<const char*>(each.data), each.total() * 3);
  BOOST_TEST(distinct.size() > 55U);
}

BOOST_AUTO_TEST_CASE(the_node_draws_by_position_and_leaves_its_input) {
  const cv::Mat face = picture(40, 40);
  const cv::Mat before = face.clone();
  const Augment node;
  const Augment::Params params{operations(strong_view)};
  Context context;
  context.name = name_hash("streams.s.view");
  context.seed = 3;
  for (std::int64_t i = 0; i < 40; ++i) {
    context.position = i;
    const Augment::Out out = node.run({{face}}, params, context);
    BOOST_TEST(same_pixels(out.image.pixels, view(params.ops, face, static_cast<std::uint64_t>(i))));
    BOOST_TEST(same_pixels(face, before));
  }
}

BOOST_AUTO_TEST_CASE(a_view_outlives_the_buffers_that_made_it) {
  const cv::Mat face = picture(20, 20);
  const auto all = operations(strong_view);
  std::vector<cv::Mat> kept, copies;
  std::thread([&] {
    for (std::uint64_t i = 0; i < 300; ++i) {
      kept.push_back(view(all, face, i));
      copies.push_back(kept.back().clone());
    }
  }).join();
  for (std::size_t i = 0; i < kept.size(); ++i) BOOST_TEST_REQUIRE(same_pixels(kept[i], copies[i]));
}

// Done in one pass or one by one, a chain of operations comes to the same.
BOOST_AUTO_TEST_CASE(waiting_operations_come_to_what_they_are_one_by_one) {
  const auto chosen = operations(
      "[flip, {crop: {padding: 5}}, {solarize: [0, 256]}, {posterize: [1, 8]}, {brightness: [0.2, 1.8]}, equalize, "
      "auto_contrast, {contrast: [0.2, 1.8]}, {rotate: [-50, 50]}, {translate_x: [-0.9, 0.9]}, {cutout: 0.5}, "
      "{crop: {padding: 2, size: [17, 12], fill: [9, 99, 199]}}, {resize: [23, 19]}, {sharpness: [0, 2]}]");
  Random random(5, 6, 7);
  const cv::Mat face = picture(29, 21);
  for (int round = 0; round < 400; ++round) {
    std::vector<const Operation*> chain;
    for (int i = 0; i < 5; ++i)
      chain.push_back(
          chosen[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(chosen.size())))].operation.get());
    Random a(1, 2, static_cast<std::uint64_t>(round)), b = a;
    Canvas together(face);
    cv::Mat single = face;
    for (const Operation* each : chain) {
      each->apply(together, a);
      Canvas canvas(single);
      each->apply(canvas, b);
      single = canvas.finish();
    }
    BOOST_TEST_REQUIRE(same_pixels(together.finish(), single), "round " << round);
  }
}

BOOST_AUTO_TEST_CASE(a_crop_shows_a_part_of_the_padded_picture) {
  const cv::Mat face = picture(12, 9);
  std::set<std::pair<int, int>> places;
  for (std::uint64_t i = 0; i < 600; ++i) {
    const cv::Mat cropped = view("[{crop: {padding: 2, fill: [1, 2, 3]}}]", face, i);
    BOOST_TEST_REQUIRE((cropped.size() == face.size()));
    for (int dy = -2; dy <= 2; ++dy)
      for (int dx = -2; dx <= 2; ++dx) {
        bool fits = true;
        for (int y = 0; y < 9 && fits; ++y)
          for (int x = 0; x < 12 && fits; ++x) {
            const bool inside = cv::Rect(0, 0, 12, 9).contains({x + dx, y + dy});
            const cv::Vec3b expected = inside ? face.at<cv::Vec3b>(y + dy, x + dx) : cv::Vec3b(1, 2, 3);
            fits = cropped.at<cv::Vec3b>(y, x) == expected;
          }
        if (fits) places.emplace(dx, dy);
      }
  }
  BOOST_TEST(places.size() == 25U);
  BOOST_TEST((view("[{crop: {padding: 0, size: [5, 30]}}]", face).size() == cv::Size(5, 30)));
}

BOOST_AUTO_TEST_CASE(probabilities_and_magnitudes_are_met) {
  const cv::Mat face = picture(8, 8);
  int flipped = 0, erased = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    flipped += !same_pixels(view("[{flip: 0.3}]", face, i), face);
    erased += !same_pixels(view("[{random_erasing: {probability: 0.7, scale: [0.1, 0.3]}}]", face, i), face);
  }
  BOOST_TEST(std::abs(flipped - 600) < 80);
  BOOST_TEST(std::abs(erased - 1400) < 80);
}

BOOST_AUTO_TEST_CASE(cutouts_have_sides_up_to_their_limit_or_a_fixed_one) {
  const cv::Mat face(40, 40, CV_8UC3, cv::Scalar::all(0));
  const auto side_of = [&](const std::string& text, std::uint64_t i) {
    cv::Mat levels;
    cv::extractChannel(view(text, face, i), levels, 0);
    int widest = 0;
    for (int y = 0; y < levels.rows; ++y) widest = std::max(widest, cv::countNonZero(levels.row(y)));
    return widest;
  };
  int widest = 0, narrowest = 99, fixed_widest = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    widest = std::max(widest, side_of("[{cutout: {side: 0.5}}]", i));
    narrowest = std::min(narrowest, side_of("[{cutout: {side: 0.5}}]", i));
    fixed_widest = std::max(fixed_widest, side_of("[{cutout: {side: [0.25, 0.25], fill: 200}}]", i));
  }
  // Pillow draws both ends: 0.5 · 40 + 1.
  BOOST_TEST(widest <= 21);
  BOOST_TEST(widest >= 20);
  BOOST_TEST(narrowest <= 2);
  BOOST_TEST(fixed_widest == 11);
  const cv::Mat grey = view("[{cutout: {side: [1, 1]}}]", face);
  BOOST_TEST((grey.at<cv::Vec3b>(20, 20) == cv::Vec3b(125, 123, 114)));
}

BOOST_AUTO_TEST_CASE(random_erasing_keeps_to_its_area_and_ratio) {
  const cv::Mat face(60, 60, CV_8UC3, cv::Scalar::all(0));
  double smallest = 1, largest = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const cv::Mat erased =
        view("[{random_erasing: {probability: 1, scale: [0.05, 0.25], ratio: [0.5, 2], fill: 9}}]", face, i);
    int left = 60, right = -1, top = 60, bottom = -1;
    for (int y = 0; y < 60; ++y)
      for (int x = 0; x < 60; ++x)
        if (erased.at<cv::Vec3b>(y, x)[0] == 9)
          left = std::min(left, x), right = std::max(right, x), top = std::min(top, y), bottom = std::max(bottom, y);
    const double width = right - left + 1, height = bottom - top + 1;
    smallest = std::min(smallest, width * height / 3600);
    largest = std::max(largest, width * height / 3600);
    BOOST_TEST(height / width > 0.45);
    BOOST_TEST(height / width < 2.2);
  }
  BOOST_TEST(smallest > 0.045);
  BOOST_TEST(smallest < 0.06);
  BOOST_TEST(largest < 0.26);
  BOOST_TEST(largest > 0.24);
  cv::Mat levels;
  cv::extractChannel(view("[{random_erasing: {probability: 1, scale: [0.5, 0.5], fill: noise}}]", face), levels, 1);
  cv::Scalar mean, deviation;
  cv::Mat noise;
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 60; ++x)
      if (levels.at<std::uint8_t>(y, x)) noise.push_back(levels.at<std::uint8_t>(y, x));
  BOOST_TEST(noise.rows > 1600);
  cv::meanStdDev(noise, mean, deviation);
  BOOST_TEST(std::abs(mean[0] - 128) < 6);
  BOOST_TEST(std::abs(deviation[0] - 74) < 5);
}

BOOST_AUTO_TEST_CASE(noise_has_its_variance_and_stays_within_the_levels) {
  const cv::Mat grey(61, 61, CV_8UC3, cv::Scalar::all(128));
  const cv::Mat noisy = view("[{noise: 30}]", grey);
  cv::Scalar mean, deviation;
  cv::meanStdDev(noisy, mean, deviation);
  for (int colour = 0; colour < 3; ++colour) {
    // Cutting off to whole levels takes half a level.
    BOOST_TEST(std::abs(mean[colour] - 127.5) < 0.4);
    BOOST_TEST(std::abs(deviation[colour] - std::sqrt(30)) < 0.3);
  }
  // Clipped, not wrapped around.
  BOOST_TEST(cv::mean(view("[{noise: 30}]", cv::Mat(40, 40, CV_8UC3, cv::Scalar::all(0))))[0] < 4);
  BOOST_TEST(cv::mean(view("[{noise: 30}]", cv::Mat(40, 40, CV_8UC3, cv::Scalar::all(255))))[0] > 251);
}

BOOST_AUTO_TEST_CASE(rand_augment_draws_all_of_its_pool) {
  const cv::Mat face = picture(24, 24);
  for (const std::string pool : {"uniform", "torchvision"}) {
    std::set<std::string> distinct;
    int unchanged = 0;
    for (std::uint64_t i = 0; i < 700; ++i) {
      const cv::Mat made = view("[{rand_augment: {operations: 1, pool: " + pool + "}}]", face, i);
      BOOST_TEST_REQUIRE((made.size() == face.size()));
      unchanged += same_pixels(made, face);
      distinct.emplace(reinterpret_cast<const char*>(made.data), made.total() * 3);
    }
    // One in fourteen is the identity; a shear or a translation of nothing is rare.
    BOOST_TEST(unchanged > 25, pool);
    BOOST_TEST(unchanged < 110, pool);
    // torchvision's magnitude is fixed: thirteen operations, eight of which have two directions.
    BOOST_TEST(distinct.size() >= (pool == "uniform" ? 350U : 21U), pool);
    if (pool == "torchvision") BOOST_TEST(distinct.size() <= 23U);
  }
}

BOOST_AUTO_TEST_CASE(small_and_narrow_pictures_survive_everything) {
  for (const auto& [width, height] : {std::pair{1, 1}, {2, 2}, {1, 9}, {9, 1}, {3, 2}, {5, 17}}) {
    const cv::Mat face = picture(width, height);
    for (std::uint64_t i = 0; i < 100; ++i) {
      const cv::Mat made = view(
          "[{rand_augment: 3}, {rand_augment: {operations: 3, pool: torchvision}}, {cutout: 1}, {crop: 2}, "
          "{random_erasing: {scale: [0, 1]}}, {colour: 0.5}, {sharpness: 2}, {flip: 0.5}]",
          face, i);
      BOOST_TEST_REQUIRE((made.size() == face.size()));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
