// Fingerprints tell settings apart and say in words what changed.
#include "cache/fingerprint.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/cache/made_cache.hpp"

namespace fergraph::test {

namespace {

using Settings = std::vector<Setting>;
using Sentences = std::vector<std::string>;

Sentences difference(const Settings& stored, const Settings& wanted) {
  return describe_difference(make_fingerprint(stored).json, make_fingerprint(wanted).json);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache_fingerprint)

BOOST_AUTO_TEST_CASE(the_hash_is_pinned) {  // a change of it would make every cache stale
  const Fingerprint fingerprint = make_fingerprint(Settings{{"size", "48"}, {"name", "a\"b"}});
  BOOST_TEST(fingerprint.json == R"({"size":"48","name":"a\"b"})");
  BOOST_TEST(fingerprint.hash == hash_of_json(fingerprint.json));
  // XXH3-128 of nothing, as xxhsum -H2 gives it.
  BOOST_TEST(hash_of_json("") == "99aa06d3014798d86001c324468d497f");
}

BOOST_AUTO_TEST_CASE(every_change_changes_the_hash) {
  const auto hash = [](const Settings& settings) { return make_fingerprint(settings).hash; };
  const std::string first = hash({{"a", "1"}, {"b", "2"}});
  BOOST_TEST(first == hash({{"a", "1"}, {"b", "2"}}));
  BOOST_TEST(first != hash({{"a", "1"}, {"b", "3"}}));
  BOOST_TEST(first != hash({{"b", "2"}, {"a", "1"}}));
  BOOST_TEST(first != hash({{"a", "1"}}));
  BOOST_TEST(first != hash({{"a", "1\",\"b\":\"2"}}));
}

BOOST_AUTO_TEST_CASE(bad_settings_are_refused) {
  BOOST_TEST(message_of([] {
               make_fingerprint(Settings{{"a", "1"}, {"a", "2"}});
             }) == "The setting 'a' is given twice to a fingerprint: give each setting once.");
  BOOST_TEST(message_of([] {
               make_fingerprint(Settings{{"a", "\xff"}});
             }) == "A setting of a fingerprint is not UTF-8 text: give its bytes as UTF-8 or in hexadecimal digits.");
}

BOOST_AUTO_TEST_CASE(differences_are_said_in_order) {
  BOOST_TEST(difference({{"size", "48"}}, {{"size", "48"}}).empty());
  const Sentences wanted{"detector: absent from the cache, yunet wanted.", "size: 48 in the cache, 64 wanted.",
                         "flip: yes in the cache, none wanted."};
  BOOST_TEST(difference({{"flip", "yes"}, {"size", "48"}, {"crop", "1"}},
                        {{"detector", "yunet"}, {"size", "64"}, {"crop", "1"}}) == wanted);
  const Sentences reordered{"The settings are the same, written in another order."};
  BOOST_TEST(difference({{"a", "1"}, {"b", "2"}}, {{"b", "2"}, {"a", "1"}}) == reordered);
}

BOOST_AUTO_TEST_CASE(unreadable_settings_are_a_difference) {
  BOOST_TEST(describe_difference("{\"size", "{}") == Sentences{"The settings kept in the cache cannot be read."});
  BOOST_TEST(describe_difference("{}", "7") == Sentences{"The wanted settings are not a JSON object."});
  BOOST_TEST(describe_difference("{\"size\":48}", "{\"size\":\"64\"}") ==
             Sentences{"size: 48 in the cache, 64 wanted."});
}

BOOST_AUTO_TEST_CASE(shards_differ_in_their_rows_and_in_nothing_else) {
  const auto json = [](const Settings& settings) { return make_fingerprint(settings).json; };
  const std::string first = json({{"size", "48"}, {"rows", "8192, hash 1"}});
  BOOST_TEST(describe_shard_difference(first, json({{"size", "48"}, {"rows", "8192, hash 2"}})) == Sentences{});
  BOOST_TEST(
      describe_shard_difference(first, json({{"size", "64"}, {"rows", "8192, hash 2"}, {"codec", "jpeg"}})) ==
      (Sentences{"size: 48 in the first, 64 in the other.", "codec: absent from the first, jpeg in the other."}));
  BOOST_TEST(describe_shard_difference(first, json({})) == Sentences{"size: 48 in the first, none in the other."});
  BOOST_TEST(describe_shard_difference(first, "") == Sentences{"The settings kept in them cannot be read."});
}

BOOST_AUTO_TEST_CASE(changes_are_told_as_before_and_now) {
  BOOST_TEST(describe_change(R"({"size":"48","rows":"1"})", R"({"size":"64","rows":"1"})") ==
             Sentences{"size: 48 before, 64 now."});
  BOOST_TEST(describe_change("", "{}") == Sentences{});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fergraph::test
