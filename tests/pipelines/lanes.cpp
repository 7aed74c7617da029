// Two networks in two lanes: the same training, up to the order of float sums.
#include <cmath>
#include <cstdlib>

#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(lanes, *boost::unit_test::fixture<SmallFaces>())

namespace {

struct Line {
  std::string what;
  std::vector<double> numbers;
};

std::vector<Line> lines_of(const std::string& records) {
  std::vector<Line> lines;
  std::istringstream in(records);
  for (std::string text; std::getline(in, text);) {
    const std::size_t end = text.rfind(' ');
    Line line{text.substr(0, end), {}};
    std::istringstream numbers(text.substr(end + 1));
    for (std::string number; std::getline(numbers, number, ',');)
      line.numbers.push_back(std::strtod(number.c_str(), nullptr));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_CASE(two_lanes_train_as_one_does) {
  for (const std::string method : {"asm", "pt"}) {
    const std::filesystem::path file = pipelines / "methods" / (method + ".yaml");
    // Later steps would only amplify what the order of sums changes.
    const std::vector<Line> one = lines_of(train(file, 2, {"steps=1"}).records);
    const std::vector<Line> two = lines_of(train(file, 2, {"steps=1"}, 1, 2).records);
    BOOST_REQUIRE_EQUAL(one.size(), two.size());
    BOOST_TEST(one.size() > 5U);
    for (std::size_t i = 0; i < one.size(); ++i) {
      BOOST_TEST(one[i].what == two[i].what);
      BOOST_REQUIRE_EQUAL(one[i].numbers.size(), two[i].numbers.size());
      double apart = 0;
      for (std::size_t k = 0; k < one[i].numbers.size(); ++k)
        apart = std::max(apart, std::abs(one[i].numbers[k] - two[i].numbers[k]));
      BOOST_TEST(apart <= 1e-3, method << ": " << one[i].what);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
