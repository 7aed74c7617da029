// How the parameters of nodes and states are read from a file: a codec per C++ type, and limits on numbers.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "graph/formula.hpp"
#include "graph/tree.hpp"
#include "graph/words.hpp"

namespace fergraph {

/// A limit on a number; `text` completes "must …" and `holds` tells.
struct Limit {
  std::string text;
  std::function<bool(double)> holds;
};
Limit in_range(double low, double high);
Limit at_least(double low);
Limit above(double low);

/// Marks a parameter that a file must give.
struct Required {};
inline constexpr Required required{};

/// Reads a T from a tree; `params` is the file's inserted `params` map (for formulas) or nullptr. Throws PipelineError.
/// Specialise for a type of one's own.
template <class T>
struct Codec;

namespace detail {
[[noreturn]] void wrong_value(const Tree& tree, const std::string& expected,
                              const std::vector<std::string>& known = {});
/// The value of a number or of a formula that does not use the clock.
double constant_number(const Tree& tree, const Tree* params, const std::string& expected);
/// Throws for a number that no double can hold.
void refuse_out_of_range(const Tree& tree);
/// Whether a text is one word that names no parameter and so can be no formula.
bool is_unknown_word(const std::string& text, const Tree* params);
std::string shortest(double value);
template <class T>
concept Worded = requires {
  Words<T>::all;
};
}  // namespace detail

template <>
struct Codec<bool> {
  static bool parse(const Tree& tree, const Tree* params);
  static std::string type() { return "true or false"; }
  static std::string show(bool value) { return value ? "true" : "false"; }
  static constexpr const char* schema = "boolean";
};

template <std::integral T>
requires(!std::same_as<T, bool>) struct Codec<T> {
  static T parse(const Tree& tree, const Tree* params) {
    const double number = detail::constant_number(tree, params, "a whole number");
    if (number != std::floor(number)) detail::wrong_value(tree, "a whole number");
    // Doubles hold every whole number up to here.
    constexpr double most = std::min(9e15, static_cast<double>(std::numeric_limits<T>::max()));
    constexpr double least = std::max(-9e15, static_cast<double>(std::numeric_limits<T>::min()));
    if (number > most || number < least)
      detail::wrong_value(tree, "a whole number from " + detail::shortest(least) + " to " + detail::shortest(most));
    return static_cast<T>(number);
  }
  static std::string type() { return "whole number"; }
  static std::string show(T value) { return std::to_string(value); }
  static constexpr const char* schema = "integer";
};

template <std::floating_point T>
struct Codec<T> {
  static T parse(const Tree& tree, const Tree* params) {
    return static_cast<T>(detail::constant_number(tree, params, "a number"));
  }
  static std::string type() { return "number"; }
  static std::string show(T value) { return detail::shortest(static_cast<double>(value)); }
  static constexpr const char* schema = "number";
};

template <>
struct Codec<Formula> {
  /// Of formulas that do not use the clock; for those that do, the plan keeps the compiled formula.
  static Formula parse(const Tree& tree, const Tree* params) {
    return detail::constant_number(tree, params, "a number or a formula");
  }
  static std::string type() { return "formula"; }
  static std::string show(const Formula& value) { return detail::shortest(value); }
  static constexpr const char* schema = "number";
};

template <>
struct Codec<std::string> {
  static std::string parse(const Tree& tree, const Tree*) {
    if (!tree.is_scalar()) detail::wrong_value(tree, "a word");
    return tree.text;
  }
  static std::string type() { return "word"; }
  static std::string show(const std::string& value) { return value.empty() ? "\"\"" : value; }
  static constexpr const char* schema = "string";
};

template <>
struct Codec<std::filesystem::path> {
  static std::filesystem::path parse(const Tree& tree, const Tree*) {
    if (!tree.is_scalar()) detail::wrong_value(tree, "a path");
    return tree.text;
  }
  static std::string type() { return "path"; }
  static std::string show(const std::filesystem::path& value) { return value.empty() ? "\"\"" : value.string(); }
  static constexpr const char* schema = "string";
};

template <>
struct Codec<Tree> {
  static Tree parse(const Tree& tree, const Tree*) { return tree; }
  static std::string type() { return "anything"; }
  static std::string show(const Tree& value) { return value.flow(); }
  static constexpr const char* schema = "";
};

template <detail::Worded T>
struct Codec<T> {
  static T parse(const Tree& tree, const Tree*) {
    std::vector<std::string> known;
    for (const auto& [word, value] : Words<T>::all) {
      if (tree.is_scalar() && tree.text == word) return value;
      known.emplace_back(word);
    }
    detail::wrong_value(tree, "one of the words " + listed(known), known);
  }
  static std::string type() {
    std::string text;
    for (const auto& [word, value] : Words<T>::all) text += (text.empty() ? "" : " | ") + std::string(word);
    return text;
  }
  static std::string show(T value) {
    for (const auto& [word, each] : Words<T>::all)
      if (each == value) return std::string(word);
    return {};
  }
  static constexpr const char* schema = "string";
};

template <class T>
struct Codec<std::vector<T>> {
  /// A single value stands for a list of one.
  static std::vector<T> parse(const Tree& tree, const Tree* params) {
    std::vector<T> values;
    if (!tree.is_list()) return {Codec<T>::parse(tree, params)};
    for (const Tree& item : tree.items) values.push_back(Codec<T>::parse(item, params));
    return values;
  }
  static std::string type() { return "list of " + Codec<T>::type(); }
  static std::string show(const std::vector<T>& values) {
    std::string text = "[";
    for (const T& value : values) text += (text.size() > 1 ? ", " : "") + Codec<T>::show(value);
    return text + "]";
  }
  static constexpr const char* schema = "array";
};

template <class T>
struct Codec<std::optional<T>> {
  static std::optional<T> parse(const Tree& tree, const Tree* params) { return Codec<T>::parse(tree, params); }
  static std::string type() { return Codec<T>::type(); }
  static std::string show(const std::optional<T>& value) { return value ? Codec<T>::show(*value) : "none"; }
  static constexpr const char* schema = Codec<T>::schema;
};

/// One parameter of a contract, erased.
struct ParameterInfo {
  std::string name;
  std::string doc;
  std::string type;                // as shown to a reader
  std::string default_text;        // as it would be written
  std::string schema;              // JSON schema's type, "" for any
  std::vector<std::string> words;  // of an enumeration
  bool is_required = false;
  bool is_formula = false;  // may use the clock
  std::size_t offset = 0;   // in the parameter struct
  void (*parse)(const Tree& tree, const Tree* params, void* member) = nullptr;
  std::vector<Limit> limits;
  std::vector<double> (*numbers)(const void* member) = nullptr;  // of numeric members, for limits
};

namespace detail {
void apply(ParameterInfo& info, const Limit& limit);
void apply(ParameterInfo& info, Required);

template <class T>
concept Number = (std::is_arithmetic_v<T> && !std::same_as<T, bool>) || std::same_as<T, Formula>;
template <Number T>
std::vector<double> numbers_in(const T& value) {
  return {static_cast<double>(value)};
}
template <Number T>
std::vector<double> numbers_in(const std::optional<T>& value) {
  return value ? numbers_in(*value) : std::vector<double>{};
}
template <Number T>
std::vector<double> numbers_in(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

template <class Owner, class T, class... Options>
ParameterInfo describe_parameter(T Owner::*member, std::string name, std::string doc, const Options&... options) {
  ParameterInfo info;
  const Owner owner{};
  info.name = std::move(name);
  info.doc = std::move(doc);
  info.type = Codec<T>::type();
  info.default_text = Codec<T>::show(owner.*member);
  info.schema = Codec<T>::schema;
  if constexpr (Worded<T>)
    for (const auto& [word, value] : Words<T>::all) info.words.emplace_back(word);
  info.is_formula = std::same_as<T, Formula>;
  info.offset =
      static_cast<std::size_t>(reinterpret_cast<const char*>(&(owner.*member)) - reinterpret_cast<const char*>(&owner));
  info.parse = [](const Tree& tree, const Tree* params, void* at) {
    *static_cast<T*>(at) = Codec<T>::parse(tree, params);
  };
  if constexpr (requires(const T& value) { numbers_in(value); })
    info.numbers = [](const void* at) { return numbers_in(*static_cast<const T*>(at)); };
  else
    static_assert((!std::same_as<Options, Limit> && ...), "only numbers can be limited");
  (apply(info, options), ...);
  return info;
}
}  // namespace detail

/// Reads one parameter into its struct and checks its limits; a formula that follows the clock is left to the plan.
/// Throws PipelineError.
void read_parameter(const ParameterInfo& info, const Tree& value, const Tree* params, void* parameters);

}  // namespace fergraph
