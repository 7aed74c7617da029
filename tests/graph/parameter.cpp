// How values of files become C++ values, and how contracts show them.
#include "graph/parameter.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(parameter)

namespace {

template <class T>
T parsed(const std::string& text) {
  const Tree map = parse_yaml("{v: " + text + ", rate: 0.5, count: 2*3}", "f");
  return Codec<T>::parse(*map.find("v"), &map);
}

template <class T>
std::string refused(const std::string& text) {
  try {
    parsed<T>(text);
    return "";
  } catch (const PipelineError& error) {
    return error.problems().front().message;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(truth) {
  BOOST_TEST(parsed<bool>("true") == true);
  BOOST_TEST(parsed<bool>("1") == true);
  BOOST_TEST(parsed<bool>("false") == false);
  BOOST_TEST(refused<bool>("yes") == "Expected is true or false, but here stands 'yes'.");
}

BOOST_AUTO_TEST_CASE(whole_numbers) {
  BOOST_TEST(parsed<int>("-12") == -12);
  BOOST_TEST(parsed<std::int64_t>("9000000000000000") == 9000000000000000);
  BOOST_TEST(parsed<int>("1e3") == 1000);
  BOOST_TEST(parsed<int>("count*2") == 12);
  BOOST_TEST(parsed<std::uint8_t>("255") == 255);
  BOOST_TEST(refused<std::uint8_t>("256") == "Expected is a whole number from 0 to 255, but here stands '256'.");
  BOOST_TEST(refused<unsigned>("-1") == "Expected is a whole number from 0 to 4294967295, but here stands '-1'.");
  BOOST_TEST(refused<int>("3000000000") ==
             "Expected is a whole number from -2147483648 to 2147483647, but here stands '3000000000'.");
  BOOST_TEST(refused<int>("rate") == "Expected is a whole number, but here stands 'rate'.");
  BOOST_TEST(refused<int>("conut") == "Expected is a whole number, but here stands 'conut'. Did you mean 'count'?");
  BOOST_TEST(refused<int>("'3'") ==
             "Expected is a whole number, but '3' stands in quotes, which make it a word. Remove the quotes.");
  BOOST_TEST(refused<int>("~") == "Expected is a whole number, but here stands nothing.");
}

BOOST_AUTO_TEST_CASE(numbers) {
  BOOST_TEST(parsed<double>("5e-4") == 5e-4);
  BOOST_TEST(parsed<double>(".5") == 0.5);
  BOOST_TEST(parsed<double>("rate^2") == 0.25);
  BOOST_TEST(parsed<double>("'clip(rate, 0.7, 1)'") == 0.7);
  BOOST_TEST(parsed<float>("0.5") == 0.5F);
  BOOST_TEST(refused<double>("nan") == "Expected is a number, but here stands 'nan'.");
  BOOST_TEST(refused<double>("inf") == "Expected is a number, but here stands 'inf'.");
  BOOST_TEST(refused<double>("rate/0") ==
             "The formula 'rate/0' gives no finite number. Correct it, or the parameters that it names.");
  BOOST_TEST(refused<double>("epoch").find("uses the clock") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(formulas_that_follow_the_clock_are_not_frozen) {
  BOOST_TEST(parsed<Formula>("2*rate").value == 1);
  BOOST_TEST(refused<Formula>("epoch").find("uses the clock") != std::string::npos);
  BOOST_TEST(refused<std::vector<Formula>>("[1, epoch]").find("uses the clock") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(words_paths_and_enumerations) {
  BOOST_TEST(parsed<std::string>("'5'") == "5");
  BOOST_TEST(refused<std::string>("[a]") == "Expected is a word, but here stands a list.");
  BOOST_TEST(parsed<std::filesystem::path>("a/b.h5").filename().string() == "b.h5");
  BOOST_TEST(refused<std::filesystem::path>("{a: b}") == "Expected is a path, but here stands a map.");
  BOOST_CHECK(parsed<toy::Mode>("change") == toy::Mode::change);
  BOOST_TEST(refused<toy::Mode>("chnage") ==
             "Expected is one of the words 'look' and 'change', but here stands 'chnage'. Did you mean 'change'?");
}

BOOST_AUTO_TEST_CASE(lists_options_and_anything) {
  BOOST_TEST(parsed<std::vector<int>>("[1, 2*3]") == (std::vector<int>{1, 6}), boost::test_tools::per_element());
  BOOST_TEST(parsed<std::vector<int>>("4") == (std::vector<int>{4}), boost::test_tools::per_element());
  BOOST_TEST(parsed<std::vector<int>>("[]").empty());
  BOOST_TEST(refused<std::vector<int>>("[1, x]") == "Expected is a whole number, but here stands 'x'.");
  BOOST_TEST(*parsed<std::optional<double>>("0.5") == 0.5);
  BOOST_TEST(parsed<Tree>("[{flip: 0.5}]").flow() == "[{flip: 0.5}]");
}

BOOST_AUTO_TEST_CASE(values_are_shown_as_they_would_be_written) {
  BOOST_TEST(Codec<bool>::show(true) == "true");
  BOOST_TEST(Codec<double>::show(0.1) == "0.1");
  BOOST_TEST(Codec<float>::show(0.5F) == "0.5");
  BOOST_TEST(Codec<std::string>::show("") == "\"\"");
  BOOST_TEST(Codec<toy::Mode>::show(toy::Mode::change) == "change");
  BOOST_TEST(Codec<std::vector<int>>::show({1, 2}) == "[1, 2]");
  BOOST_TEST(Codec<std::optional<double>>::show(std::nullopt) == "none");
  BOOST_TEST(Codec<toy::Mode>::type() == "look | change");
  BOOST_TEST(Codec<std::vector<double>>::type() == "list of number");
}

BOOST_AUTO_TEST_CASE(limits_hold_for_numbers_options_and_lists) {
  BOOST_TEST(in_range(0, 1).holds(1));
  BOOST_TEST(!in_range(0, 1).holds(1.1));
  BOOST_TEST(!in_range(0, 1).holds(std::nan("")));
  BOOST_TEST(!above(0).holds(0));
  BOOST_TEST(at_least(0).holds(0));
  BOOST_TEST(at_least(0.5).text == "be at least 0.5");
  const auto type = toy::registry().find_node("limited");
  Box box(*type->parameter_struct);
  read_parameter(*type->parameter("many"), parse_yaml("[0, 1, 0.5]", "f"), nullptr, box.get());
  BOOST_TEST(static_cast<toy::Limited::Params*>(box.get())->many.size() == 3u);
  BOOST_CHECK_THROW(read_parameter(*type->parameter("many"), parse_yaml("[0, 2]", "f"), nullptr, box.get()),
                    PipelineError);
  BOOST_CHECK_THROW(read_parameter(*type->parameter("maybe"), parse_yaml("2", "f"), nullptr, box.get()), PipelineError);
}

BOOST_AUTO_TEST_SUITE_END()
