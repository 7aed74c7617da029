// Files as trees: places, quotes, anchors, and text that reads back as the same tree.
#include "graph/tree.hpp"

#include <boost/test/unit_test.hpp>

#include "graph/random.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(tree)

namespace {

// Words that YAML reads as something else when they stand bare.
const std::vector<std::string> awkward = {
    "",           "~",    "null", "true",  "no",         "0x1F",       "1e5",    "-3",    "-",      "- x",
    "--",         "a: b", "a:",   ":a",    "a #b",       "#a",         "a, b",   "[a",    "a]",     "{a}",
    "}",          "&a",   "*a",   "!a",    "|",          ">",          "'a'",    "\"a\"", "%a",     "@a",
    "`a`",        "a\nb", "a\tb", " a",    "a ",         "a\\b",       "C:\\x",  "$name", "${a}*2", "clip(a, 0, 1)",
    "?",          "? a",  "a?b",  "=",     "<<",         "---",        "...",    "a'b",   "\n",     "ünï",
    "über alles", "a\rb", "\x01", "a  b",  "http://a/b", "10*exp(-5)", "a.b[0]", "x=y",   "2^3",    "a:b",
    "-a",         "?a",   "- ",   "-\n",   "a\x7f",      "\\n",        "[]",     "{}",    "'",      "\"",
    "Null",       "NULL", "\x04", "a\0b"s, "\0"s};

Tree random_tree(Random& random, int depth) {
  Tree tree;
  const std::int64_t kind = depth == 0 ? random.below(2) : random.below(4);
  const auto text = [&] {
    return awkward[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(awkward.size())))];
  };
  tree.kind = static_cast<Tree::Kind>(kind);
  if (tree.is_scalar()) {
    tree.text = text();
    tree.quoted = random.chance(0.2);
  } else if (tree.is_list()) {
    for (std::int64_t i = random.below(4); i > 0; --i) tree.items.push_back(random_tree(random, depth - 1));
  } else if (tree.is_map()) {
    for (std::int64_t i = random.below(4); i > 0; --i) {
      const std::string key = text() + std::to_string(i);
      tree.members.push_back({key, {}, random_tree(random, depth - 1)});
    }
  }
  return tree;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_value_and_key_knows_its_place) {
  const Tree tree = parse_yaml("a: 1\nb:\n  c: [x, {d: y}]\n  \"e\": 'z'\n", "f.yaml");
  BOOST_TEST(tree.find("a")->place.text() == "f.yaml:1:4");
  const Tree& b = *tree.find("b");
  BOOST_TEST(tree.members[1].key_place.text() == "f.yaml:2:1");
  BOOST_TEST(b.find("c")->items[0].place.text() == "f.yaml:3:7");
  BOOST_TEST(b.find("c")->items[1].find("d")->place.text() == "f.yaml:3:14");
  BOOST_TEST(b.members[1].key_place.text() == "f.yaml:4:3");
  BOOST_TEST(b.find("e")->place.text() == "f.yaml:4:8");
}

BOOST_AUTO_TEST_CASE(quotes_make_words) {
  const Tree tree = parse_yaml("{a: ~, b: '~', c: null, d: \"null\", e: , f: '', g: 5, h: '5'}", "f");
  BOOST_TEST(tree.find("a")->is_nothing());
  BOOST_TEST(tree.find("b")->text == "~");
  BOOST_TEST(tree.find("c")->is_nothing());
  BOOST_TEST(tree.find("d")->text == "null");
  BOOST_TEST(tree.find("e")->is_nothing());
  BOOST_TEST(tree.find("f")->is_scalar());
  BOOST_TEST(!tree.find("g")->quoted);
  BOOST_TEST(tree.find("h")->quoted);
}

BOOST_AUTO_TEST_CASE(aliases_repeat_what_their_anchor_names) {
  const Tree tree = parse_yaml("a: &x {b: [1, 2]}\nc: *x\nd: &y word\ne: [*y, *y]\n", "f");
  BOOST_TEST(tree.find("c")->flow() == "{b: [1, 2]}");
  BOOST_TEST(tree.find("e")->flow() == "[word, word]");
}

BOOST_AUTO_TEST_CASE(an_empty_text_is_an_empty_map) {
  BOOST_TEST(parse_yaml("", "f").is_map());
  BOOST_TEST(parse_yaml("# a comment\n", "f").is_map());
}

BOOST_AUTO_TEST_CASE(windows_line_ends_and_a_byte_order_mark_are_read) {
  const Tree tree = parse_yaml(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: x\r\n",
      "f");
  BOOST_TEST(tree.find("a") != nullptr);
  BOOST_TEST(tree.find("b")->text == "x");
}

BOOST_AUTO_TEST_CASE(text_is_block_style_above_and_flow_style_below) {
  const Tree tree = parse_yaml("{step: {a: {node: x, list: [1, {b: 2}]}}, none: {}, empty: [], nothing: ~}", "f");
  BOOST_TEST(to_yaml(tree, 2) == "step:\n  a: {node: x, list: [1, {b: 2}]}\nnone: {}\nempty: []\nnothing: ~\n");
  BOOST_TEST(to_yaml(tree, 1) == "step: {a: {node: x, list: [1, {b: 2}]}}\nnone: {}\nempty: []\nnothing: ~\n");
}

BOOST_AUTO_TEST_CASE(awkward_words_read_back) {
  for (const std::string& word : awkward) {
    for (const bool quoted : {false, true}) {
      Tree value = Tree::scalar(word);
      value.quoted = quoted;
      Tree map;
      map.kind = Tree::Kind::map;
      map.members = {{"a", {}, value}, {"x" + word, {}, value}};
      Tree list;
      list.kind = Tree::Kind::list;
      list.items = {value, map};
      map.members.push_back({"list", {}, list});
      const std::string text = to_yaml(map);
      const Tree again = parse_yaml(text, "f");
      BOOST_TEST(again.same(map), "'" << word << "' was written as\n" << text << "and read as\n" << to_yaml(again));
    }
  }
}

BOOST_AUTO_TEST_CASE(random_trees_read_back_from_their_text) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(7, 1, seed);
    Tree tree = random_tree(random, 4);
    if (!tree.is_map()) continue;
    for (const int depth : {1, 2, 3, 6}) {
      const std::string text = to_yaml(tree, depth);
      const Tree again = parse_yaml(text, "f");
      BOOST_REQUIRE_MESSAGE(again.same(tree), "seed " << seed << ":\n"
                                                      << text << "was read as\n"
                                                      << to_yaml(again, depth));
      BOOST_TEST(to_yaml(again, depth) == text);
    }
  }
}

BOOST_AUTO_TEST_CASE(members_are_found_and_erased) {
  Tree tree = parse_yaml("{a: 1, b: 2, c: ~}", "f");
  tree.find("a")->text = "5";
  tree.erase("b");
  tree.erase("none");
  BOOST_TEST(!tree.find("none"));
  BOOST_TEST(tree.flow() == "{a: 5, c: ~}");
  BOOST_TEST(tree.keys() == (std::vector<std::string>{"a", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_is_read_whole) {
  const test::Scratch scratch;
  const auto file = scratch.write("a.yaml", "a: 1\n");
  std::vector<Problem> problems;
  const Tree tree = read_yaml(file, problems);
  BOOST_TEST(tree.find("a")->place.file == file.string());
  BOOST_TEST(problems.empty());
}

BOOST_AUTO_TEST_CASE(refused_keys_are_collected_and_left_out) {
  std::vector<Problem> problems;
  const Tree tree = parse_yaml("{a: 1, a: {b: 2}, [c]: 3, d: 4, d: 5}", "f", problems);
  BOOST_TEST(tree.flow() == "{a: 1, d: 4}");
  BOOST_TEST(problems.size() == 3);
}

BOOST_AUTO_TEST_CASE(aliases_cannot_multiply_without_measure) {
  std::string text = "a0: &a0 [1, 2]\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + "]\n";
  }
  BOOST_CHECK_EXCEPTION(parse_yaml(text, "f"), PipelineError, [](const PipelineError& error) {
    return std::string(error.what()).find("more than 100000 values") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
