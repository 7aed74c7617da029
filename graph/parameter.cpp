#include "graph/parameter.hpp"

#include <algorithm>
#include <array>

namespace fergraph {
namespace detail {

void wrong_value(const Tree& tree, const std::string& expected, const std::vector<std::string>& known) {
  if (tree.told) throw PipelineError(std::vector<Problem>{});
  throw PipelineError(tree.place, "Expected is " + expected + ", but here stands " + tree.described() + "." +
                                      (tree.is_scalar() ? did_you_mean(tree.text, known) : ""));
}

bool is_unknown_word(const std::string& text, const Tree* params) {
  const bool word = !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) &&
                    std::all_of(text.begin(), text.end(),
                                [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; });
  return word && !(params && params->find(text)) && !CompiledFormula::knows(text);
}

void refuse_out_of_range(const Tree& tree) {
  const char* end = tree.text.data() + tree.text.size();
  double number = 0;
  const auto [stop, error] = std::from_chars(tree.text.data(), end, number);
  if (error == std::errc::result_out_of_range && stop == end)
    throw PipelineError(tree.place, "'" + tree.text +
                                        "' is beyond what a number can hold (about 1e308, and not closer to "
                                        "0 than 1e-308). Write one within it.");
}

double constant_number(const Tree& tree, const Tree* params, const std::string& expected) {
  if (!tree.is_scalar()) wrong_value(tree, expected);
  const char* begin = tree.text.data();
  const char* end = begin + tree.text.size();
  double number = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, number); error == std::errc() && stop == end) {
    // A number in quotes is a word; a formula may need them for its commas.
    if (tree.quoted)
      throw PipelineError(tree.place, "Expected is " + expected + ", but '" + tree.text +
                                          "' stands in quotes, which make it a word. Remove the quotes.");
    if (!std::isfinite(number)) wrong_value(tree, expected);
    return number;
  }
  if (is_unknown_word(tree.text, params))
    wrong_value(tree, expected, params ? params->keys() : std::vector<std::string>{});
  const CompiledFormula formula(tree, params);
  if (formula.uses_clock())
    throw PipelineError(tree.place, "The formula '" + tree.text +
                                        "' uses the clock, but this number is read once, before the run. "
                                        "Write a number or a formula over the parameters alone.");
  try {
    return formula.at(Clock{});
  } catch (const RunError&) {
    throw PipelineError(tree.place, "The formula '" + tree.text +
                                        "' gives no finite number. Correct it, or the parameters that it names.");
  }
}

std::string shortest(double value) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : std::to_string(value);
}

void apply(ParameterInfo& info, const Limit& limit) { info.limits.push_back(limit); }
void apply(ParameterInfo& info, Required) { info.is_required = true; }

}  // namespace detail

bool Codec<bool>::parse(const Tree& tree, const Tree*) {
  if (tree.is_scalar() && (tree.text == "true" || tree.text == "1")) return true;
  if (tree.is_scalar() && (tree.text == "false" || tree.text == "0")) return false;
  detail::wrong_value(tree, "true or false");
}

Limit in_range(double low, double high) {
  return {"lie in " + detail::shortest(low) + " … " + detail::shortest(high),
          [=](double x) { return x >= low && x <= high; }};
}
Limit at_least(double low) {
  return {"be at least " + detail::shortest(low), [=](double x) { return x >= low; }};
}
Limit above(double low) {
  return {"be above " + detail::shortest(low), [=](double x) { return x > low; }};
}

void read_parameter(const ParameterInfo& info, const Tree& value, const Tree* params, void* parameters) {
  void* member = static_cast<char*>(parameters) + info.offset;
  if (info.is_formula && value.is_scalar() && CompiledFormula(value, params).uses_clock()) return;
  info.parse(value, params, member);
  for (const Limit& limit : info.limits)
    for (const double number : info.numbers(member))
      if (!limit.holds(number))
        throw PipelineError(value.place,
                            "'" + info.name + "' must " + limit.text + ", but it is " + detail::shortest(number) + ".");
}

}  // namespace fergraph
