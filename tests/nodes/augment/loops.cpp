// The vectorised loops against plain ones, at every width around a vector's.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "graph/random.hpp"
#include "nodes/augment/pixel_loops.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(augment_loops)

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes(std::size_t count, std::uint64_t position) {
  Random random(1, 2, position);
  Bytes all(count);
  for (auto& each : all) each = static_cast<std::uint8_t>(random.below(256));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(loops_do_at_all_widths_what_plain_ones_do) {
  Random random(4, 5, 6);
  LevelTables tables;
  for (LevelTable& table : tables)
    for (std::uint8_t& level : table) level = static_cast<std::uint8_t>(random.below(256));
  for (std::size_t width = 1; width < 75; ++width) {
    BOOST_TEST_CONTEXT("width " << width) {
      const Bytes from = bytes(3 * width, width);
      Bytes looked_up(from.size()), mirrored(from.size()), grey(from.size());
      Bytes expected_levels(from.size()), expected_mirror(from.size()), expected_grey(from.size());
      Histograms counted{}, expected_counts{};
      std::uint64_t sum = 0;
      for (std::size_t x = 0; x < width; ++x) {
        const auto level = static_cast<std::uint8_t>(
            (from[3 * x] * 19595U + from[3 * x + 1] * 38470U + from[3 * x + 2] * 7471U + 32768U) >> 16);
        sum += level;
        for (std::size_t c = 0; c < 3; ++c) {
          expected_levels[3 * x + c] = tables[c][from[3 * x + c]];
          expected_mirror[3 * (width - 1 - x) + c] = from[3 * x + c];
          expected_grey[3 * x + c] = level;
          ++expected_counts[c][from[3 * x + c]];
        }
      }
      look_up(from.data(), width, tables, looked_up.data());
      mirror(from.data(), width, mirrored.data());
      grey_pixels(from.data(), width, grey.data());
      count_levels(from.data(), width, counted);
      BOOST_TEST((looked_up == expected_levels));
      BOOST_TEST((mirrored == expected_mirror));
      BOOST_TEST((grey == expected_grey));
      BOOST_TEST((counted == expected_counts));
      BOOST_TEST(grey_sum(from.data(), width) == sum);
    }
  }
}

BOOST_AUTO_TEST_CASE(blending_cuts_off_towards_zero_in_single_precision) {
  for (const float factor : {0.05F, 0.31F, 0.95F, 1.7F, 15.5F}) {
    Bytes a(65536), b(65536), made(65536);
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = static_cast<std::uint8_t>(i >> 8);
      b[i] = static_cast<std::uint8_t>(i & 255);
    }
    blend(a.data(), b.data(), factor, a.size(), made.data());
    std::size_t different = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const volatile float product = factor * static_cast<float>(int{b[i]} - int{a[i]});
      const volatile float value = static_cast<float>(a[i]) + product;
      different += made[i] != static_cast<std::uint8_t>(value <= 0 ? 0 : value >= 255 ? 255 : static_cast<int>(value));
    }
    BOOST_TEST(different == 0U);
  }
}

BOOST_AUTO_TEST_CASE(smoothing_rounds_all_sums_as_single_precision_does) {
  // Every sum from 0 to 13·255 of a pixel with equal neighbours around another level.
  std::size_t different = 0;
  for (int middle = 0; middle < 256; ++middle) {
    for (int around = 0; around < 256; ++around) {
      const Bytes row(9, static_cast<std::uint8_t>(around));
      Bytes line = row, made(9);
      line[3] = line[4] = line[5] = static_cast<std::uint8_t>(middle);
      smooth(row.data(), line.data(), row.data(), 3, made.data());
      const float one = 1.0F / 13, five = 5.0F / 13;
      const float above = static_cast<float>(around) * one * 3;
      const float expected =
          0.5F + above + static_cast<float>(around) * one * 2 + static_cast<float>(middle) * five + above;
      different += made[4] != static_cast<std::uint8_t>(expected) || made[0] != around || made[8] != around;
    }
  }
  BOOST_TEST(different == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
