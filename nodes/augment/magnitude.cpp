#include "nodes/augment/magnitude.hpp"

namespace fergraph {
namespace {

Magnitude pair_of(const Tree& tree, const Tree* params, const std::string& expected) {
  if (!tree.is_list() || tree.items.size() != 2) detail::wrong_value(tree, expected);
  const Magnitude pair{Codec<double>::parse(tree.items[0], params), Codec<double>::parse(tree.items[1], params)};
  if (pair.low > pair.high)
    throw PipelineError(tree.place, "The lower end " + detail::shortest(pair.low) + " stands above the upper end " +
                                        detail::shortest(pair.high) + ". Exchange the two.");
  return pair;
}

std::string shown_pair(double low, double high) {
  return "[" + detail::shortest(low) + ", " + detail::shortest(high) + "]";
}

}  // namespace

Magnitude Codec<Magnitude>::parse(const Tree& tree, const Tree* params) {
  if (tree.is_list()) return pair_of(tree, params, "a number, or the two ends [low, high]");
  const double number = detail::constant_number(tree, params, "a number, or the two ends [low, high]");
  return {number, number};
}

std::string Codec<Magnitude>::show(const Magnitude& value) {
  return value.low == value.high ? detail::shortest(value.low) : shown_pair(value.low, value.high);
}

UpTo Codec<UpTo>::parse(const Tree& tree, const Tree* params) {
  if (tree.is_list()) return {pair_of(tree, params, "a number, or the two ends [low, high]")};
  return {{0, detail::constant_number(tree, params, "a number, or the two ends [low, high]")}};
}

std::string Codec<UpTo>::show(const UpTo& value) {
  return value.low == 0 ? detail::shortest(value.high) : shown_pair(value.low, value.high);
}

Colour Codec<Colour>::parse(const Tree& tree, const Tree* params) {
  const auto levels = Codec<std::vector<std::int64_t>>::parse(tree, params);
  if (levels.size() != 1 && levels.size() != 3) detail::wrong_value(tree, "a colour [red, green, blue] or one level");
  Colour colour;
  for (std::size_t c = 0; c < 3; ++c) {
    const std::int64_t level = levels[levels.size() == 1 ? 0 : c];
    if (level < 0 || level > 255)
      throw PipelineError(tree.place,
                          "The levels of a colour must lie in 0 … 255, but here stands " + std::to_string(level) + ".");
    colour[c] = static_cast<std::uint8_t>(level);
  }
  return colour;
}

std::string Codec<Colour>::show(const Colour& value) {
  if (value[0] == value[1] && value[0] == value[2]) return std::to_string(value[0]);
  return "[" + std::to_string(value[0]) + ", " + std::to_string(value[1]) + ", " + std::to_string(value[2]) + "]";
}

Fill Codec<Fill>::parse(const Tree& tree, const Tree* params) {
  if (tree.is_scalar() && tree.text == "noise") return {{}, true};
  if (tree.is_scalar() && detail::is_unknown_word(tree.text, params))
    detail::wrong_value(tree, "a colour [red, green, blue], one level, or the word 'noise'", {"noise"});
  return {Codec<Colour>::parse(tree, params), false};
}

std::string Codec<Fill>::show(const Fill& value) {
  return value.is_noise ? "noise" : Codec<Colour>::show(value.colour);
}

PixelSize Codec<PixelSize>::parse(const Tree& tree, const Tree* params) {
  const auto sides = Codec<std::vector<int>>::parse(tree, params);
  if (sides.size() != 1 && sides.size() != 2) detail::wrong_value(tree, "a size in pixels, or [width, height]");
  return {sides.front(), sides.back()};
}

std::string Codec<PixelSize>::show(const PixelSize& value) {
  return value.width == value.height ? std::to_string(value.width)
                                     : "[" + std::to_string(value.width) + ", " + std::to_string(value.height) + "]";
}

}  // namespace fergraph
