// The generator against the published vectors and against plain sanity.
#include "graph/random.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(random_numbers)

namespace {

using Block = std::array<std::uint32_t, 4>;

// Philox 4x32-10 written out once more, to carry the known answers to keys and counters that the class does not expose.
Block philox(Block counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = 0xD2511F53ULL * counter[0];
    const std::uint64_t b = 0xCD9E8D57ULL * counter[2];
    const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
    counter = {high(b) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b), high(a) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(a)};
    key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
  }
  return counter;
}

Block first_block(Random random) { return {random.bits32(), random.bits32(), random.bits32(), random.bits32()}; }

}  // namespace

BOOST_AUTO_TEST_CASE(the_known_answers_of_random123) {
  const Block zeros = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  BOOST_TEST(philox({}, {}) == zeros, boost::test_tools::per_element());
  const Block ones = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
  BOOST_TEST(philox({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) == ones, boost::test_tools::per_element());
  const Block pi = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
  BOOST_TEST(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) == pi,
             boost::test_tools::per_element());
  BOOST_TEST(first_block(Random(0, 0, 0)) == zeros, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(name_and_position_fill_key_and_counter) {
  const std::uint64_t name = 0x299f31d0a4093822ULL;
  const std::uint64_t position = 0x0370734413198a2eULL;
  Random random(0, name, position);
  for (std::uint32_t block = 0; block < 3; ++block)
    for (const std::uint32_t word : philox({block, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}))
      BOOST_TEST(random.bits32() == word);
}

BOOST_AUTO_TEST_CASE(seed_name_and_position_tell_sequences_apart) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    for (const char* name : {"step.a", "step.b", "streams.s.a"})
      for (std::uint64_t position = 0; position < 50; ++position)
        seen.insert(Random(seed, name_hash(name), position).bits64());
  BOOST_TEST(seen.size() == 5u * 3u * 50u);
}

BOOST_AUTO_TEST_CASE(hashes_are_fnv_1a) {
  BOOST_TEST(name_hash("") == 0xcbf29ce484222325ULL);
  BOOST_TEST(name_hash("a") == 0xaf63dc4c8601ec8cULL);
  BOOST_TEST(name_hash("foobar") == 0x85944171f73967e8ULL);
}

BOOST_AUTO_TEST_CASE(draws_are_uniform) {
  Random random(1, 2, 3);
  std::array<int, 20> counts{};
  double sum = 0;
  const int draws = 100000;
  for (int i = 0; i < draws; ++i) {
    const double x = random.uniform();
    BOOST_REQUIRE(x >= 0);
    BOOST_REQUIRE(x < 1);
    sum += x;
    ++counts[static_cast<std::size_t>(x * 20)];
  }
  BOOST_TEST(std::abs(sum / draws - 0.5) < 0.005);
  double chi2 = 0;
  for (const int count : counts) chi2 += (count - draws / 20.0) * (count - draws / 20.0) / (draws / 20.0);
  BOOST_TEST(chi2 < 43.8);  // 19 degrees of freedom, 0.1 %
  const double low = random.uniform(-3, -2);
  BOOST_TEST((low >= -3 && low < -2));
}

BOOST_AUTO_TEST_CASE(below_stays_below) {
  Random random(4, 5, 6);
  for (const std::int64_t count : {1, 2, 3, 7, 1000}) {
    std::set<std::int64_t> seen;
    for (int i = 0; i < 500; ++i) {
      const std::int64_t x = random.below(count);
      BOOST_REQUIRE((x >= 0 && x < count));
      seen.insert(x);
    }
    if (count < 10) BOOST_TEST(seen.size() == static_cast<std::size_t>(count));
  }
  BOOST_TEST(random.below(std::int64_t{1} << 62) >= 0);
}

BOOST_AUTO_TEST_CASE(normal_draws_have_mean_zero_and_deviation_one) {
  Random random(7, 8, 9);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 50000; ++i) {
    const double x = random.normal();
    BOOST_REQUIRE(std::isfinite(x));
    sum += x;
    squares += x * x;
  }
  BOOST_TEST(std::abs(sum / 50000) < 0.02);
  BOOST_TEST(std::abs(squares / 50000 - 1) < 0.03);
}

BOOST_AUTO_TEST_CASE(permutations_hold_every_number_once_and_every_order) {
  BOOST_TEST(Random(1, 1, 1).permutation(0).empty());
  std::set<std::vector<std::int64_t>> orders;
  for (std::uint64_t position = 0; position < 300; ++position) {
    std::vector<std::int64_t> order = Random(1, 1, position).permutation(4);
    orders.insert(order);
    std::sort(order.begin(), order.end());
    BOOST_TEST(order == (std::vector<std::int64_t>{0, 1, 2, 3}), boost::test_tools::per_element());
  }
  BOOST_TEST(orders.size() == 24u);
}

BOOST_AUTO_TEST_SUITE_END()
