// Formulas over the clock and the parameters.
#include "graph/formula.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(formula)

namespace {

double value(const std::string& text, const std::string& params = "{}", const Clock& clock = {}) {
  const Tree map = parse_yaml(params, "params");
  return CompiledFormula(Tree::scalar(text, {"f", 1, 1}), &map).at(clock);
}

std::string error(const std::string& text, const std::string& params = "{}", const Clock& clock = {}) {
  try {
    value(text, params, clock);
    return "";
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(numbers_and_operators) {
  BOOST_TEST(value("5e-4") == 5e-4);
  BOOST_TEST(value("-2.5") == -2.5);
  BOOST_TEST(value("1e3+1E-2") == 1000.01);
  BOOST_TEST(value("2+3*4^2") == 50);
  // As in muParser: the power binds tighter than the sign, and from the right.
  BOOST_TEST(value("-2^2") == -4);
  BOOST_TEST(value("2^3^2") == 512);
  BOOST_TEST(value("2^-1") == 0.5);
  BOOST_TEST(value("3 >= 2 && 1 < 2") == 1);
  BOOST_TEST(value("3 == 2 || 1 != 2") == 1);
  BOOST_TEST(value("1 > 2 ? 10 : 20") == 20);
}

BOOST_AUTO_TEST_CASE(the_clock) {
  const Clock clock{3, 10, 4, 50, 104};
  BOOST_TEST(value("epoch", "{}", clock) == 3);
  BOOST_TEST(value("epochs", "{}", clock) == 10);
  BOOST_TEST(value("step", "{}", clock) == 4);
  BOOST_TEST(value("steps", "{}", clock) == 50);
  BOOST_TEST(value("iteration", "{}", clock) == 104);
  BOOST_TEST(value("10*exp(-5*(1-epoch/epochs)^2)", "{}", clock) == 10 * std::exp(-5 * 0.7 * 0.7),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(CompiledFormula(Tree::scalar("epoch+1"), nullptr).uses_clock());
  BOOST_TEST(!CompiledFormula(Tree::scalar("exp(1)"), nullptr).uses_clock());
}

BOOST_AUTO_TEST_CASE(one_formula_follows_the_clock) {
  const CompiledFormula formula(Tree::scalar("epoch*100+step"), nullptr);
  for (std::int64_t epoch = 1; epoch < 4; ++epoch)
    for (std::int64_t step = 1; step < 4; ++step)
      BOOST_TEST(formula.at({epoch, 4, step, 4, 1}) == static_cast<double>(epoch * 100 + step));
}

BOOST_AUTO_TEST_CASE(parameters_stand_for_their_values_in_parentheses) {
  BOOST_TEST(value("2*a", "{a: 1+2}") == 6);
  BOOST_TEST(value("a^2", "{a: -3}") == 9);
  BOOST_TEST(value("a", "{a: 2*b, b: c+1, c: 4}") == 10);
  BOOST_TEST(value("a*epoch", "{a: epochs-1}", {3, 5, 1, 1, 1}) == 12);
  BOOST_TEST(value("e1+a1_b", "{e1: 3, a1_b: 4}") == 7);
  // Names of the clock win over parameters of the same name: `epochs` is the total in both senses.
  BOOST_TEST(value("epochs", "{epochs: 7}", {1, 9, 1, 1, 1}) == 9);
}

BOOST_AUTO_TEST_CASE(clip_bounds) {
  BOOST_TEST(value("clip(5, 0, 1)") == 1);
  BOOST_TEST(value("clip(-5, 0, 1)") == 0);
  BOOST_TEST(value("clip(0.3, 0, 1)") == 0.3);
  BOOST_TEST(value("clip(epoch/warm, 0, 1)", "{warm: 4}", {2, 9, 1, 1, 1}) == 0.5);
}

BOOST_AUTO_TEST_CASE(passed_counts_the_milestones_up_to_now) {
  const std::string params = "{milestones: [2, 4, 8], one: 3, none: [], early: [a, 2*a], a: 1}";
  BOOST_TEST(value("passed(milestones, epoch)", params, {1, 9, 1, 1, 1}) == 0);
  BOOST_TEST(value("passed(milestones, epoch)", params, {2, 9, 1, 1, 1}) == 1);
  BOOST_TEST(value("passed(milestones, epoch)", params, {9, 9, 1, 1, 1}) == 3);
  BOOST_TEST(value("0.1^passed(milestones, epoch)", params, {4, 9, 1, 1, 1}) == 0.01,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(value("passed(one, epoch)", params, {3, 9, 1, 1, 1}) == 1);
  BOOST_TEST(value("passed(none, epoch)", params, {9, 9, 1, 1, 1}) == 0);
  BOOST_TEST(value("passed(early, epoch)", params, {2, 9, 1, 1, 1}) == 2);
}

// The learning rates that README.md shows, against the definitions of torch.optim.lr_scheduler.
BOOST_AUTO_TEST_CASE(learning_rates_are_formulas) {
  constexpr double pi = 3.14159265358979323846, lr = 0.03;
  const std::string params = "{lr: 0.03, gamma: 0.2, milestones: [3, 5], warm_up: 20}";
  for (std::int64_t epoch = 1; epoch <= 6; ++epoch)
    for (std::int64_t step = 1; step <= 10; ++step) {
      const Clock clock{epoch, 6, step, 10, (epoch - 1) * 10 + step};
      const auto is = [&](const std::string& formula, double expected) {
        BOOST_TEST(std::abs(value(formula, params, clock) - expected) < 1e-12, formula << " at epoch " << epoch);
      };
      const int past = (epoch > 3) + (epoch > 5);
      is("lr*gamma^passed(milestones, epoch - 1)", lr * std::pow(0.2, past));          // MultiStepLR
      is("lr*gamma^rint((epoch - 1)/2 - 0.25)", lr * std::pow(0.2, (epoch - 1) / 2));  // StepLR, every 2 epochs
      is("lr*gamma^(epoch - 1)", lr * std::pow(0.2, epoch - 1));                       // ExponentialLR
      const double done = static_cast<double>(clock.iteration - 1) / 60;
      is("lr*(1 + cos(_pi*(iteration - 1)/(epochs*steps)))/2",
         lr * (1 + std::cos(pi * done)) / 2);                                           // CosineAnnealingLR
      is("lr*(1 - (iteration - 1)/(epochs*steps))^0.9", lr * std::pow(1 - done, 0.9));  // PolynomialLR
      is("lr*min(1, iteration/warm_up)", lr * std::min(1.0, static_cast<double>(clock.iteration) / 20));
    }
}

BOOST_AUTO_TEST_CASE(a_value_that_is_not_finite_is_told_with_the_clock) {
  BOOST_TEST(value("1/(epoch-1)", "{}", {2, 9, 1, 1, 1}) == 1);
  BOOST_TEST(error("1/(epoch-1)", "{}", {1, 9, 7, 9, 1}) ==
             "f:1:1: error: The formula '1/(epoch-1)' is not finite at epoch 1, step 7. Bound it, for example with "
             "max(x, low) under a division.");
  BOOST_TEST(error("log(0-epoch)").find("is not finite at epoch 1, step 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read) {
  BOOST_TEST(error("2*") ==
             "f:1:1: error: '2*' is no number and no formula that can be read. muParser says: Unexpected end of "
             "expression at position 3.");
  BOOST_TEST(error("clip(1, 2)").find("no formula that can be read") != std::string::npos);
  BOOST_TEST(error("epoch = 3") == "f:1:1: error: The formula 'epoch = 3' assigns with '='. To compare, write '=='.");
  BOOST_TEST(error("epoch => 3").find("assigns") != std::string::npos);
  BOOST_TEST(error("1, 2").find("gives 2 numbers") != std::string::npos);
  BOOST_TEST(error("list", "{list: [1, 2]}").find("gives 2 numbers") != std::string::npos);
  BOOST_TEST(error("epcoh*2") ==
             "f:1:1: error: The formula names 'epcoh', which is neither a parameter, nor of the clock, nor a function. "
             "It knows 'epoch', 'epochs', 'step', 'steps' and 'iteration'. Did you mean 'epoch'?");
  BOOST_TEST(error("a", "{a: b, b: a}").find("is defined by itself") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
