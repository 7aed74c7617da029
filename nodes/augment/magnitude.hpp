// How files write the magnitudes, colours and sizes of operations on views.
#pragma once

#include <cstdint>
#include <variant>

#include "graph/parameter.hpp"
#include "graph/random.hpp"
#include "nodes/augment/canvas.hpp"

namespace fergraph {

/// A magnitude that is drawn anew for each view, uniformly: `[-30, 30]`, or one number that is always taken.
struct Magnitude {
  double low = 0;
  double high = 0;
  /// Takes one number from the sequence, whether it is needed or not.
  double draw(Random& random) const { return random.uniform(low, high); }
};
inline std::vector<double> numbers_in(const Magnitude& value) { return {value.low, value.high}; }

/// The same, but one number is the upper end: `0.5` means from 0 to 0.5.
struct UpTo : Magnitude {};

/// What stands where a part of the view was erased: a colour, `[125, 123, 114]` or one level of grey, or `noise`.
struct Fill {
  Colour colour{};
  bool is_noise = false;
};

/// A size in pixels: `224`, or `[width, height]`.
struct PixelSize {
  int width = 0;
  int height = 0;
};
inline std::vector<double> numbers_in(const PixelSize& value) {
  return {static_cast<double>(value.width), static_cast<double>(value.height)};
}

template <>
struct Codec<Magnitude> {
  static Magnitude parse(const Tree& tree, const Tree* params);
  static std::string type() { return "number or [low, high]"; }
  static std::string show(const Magnitude& value);
  static constexpr const char* schema = "";
};
template <>
struct Codec<UpTo> {
  static UpTo parse(const Tree& tree, const Tree* params);
  static std::string type() { return "number (drawn from 0 to it) or [low, high]"; }
  static std::string show(const UpTo& value);
  static constexpr const char* schema = "";
};
template <>
struct Codec<Colour> {
  static Colour parse(const Tree& tree, const Tree* params);
  static std::string type() { return "[red, green, blue] or one level, 0 to 255"; }
  static std::string show(const Colour& value);
  static constexpr const char* schema = "";
};
template <>
struct Codec<Fill> {
  static Fill parse(const Tree& tree, const Tree* params);
  static std::string type() { return "[red, green, blue], one level, or noise"; }
  static std::string show(const Fill& value);
  static constexpr const char* schema = "";
};
template <>
struct Codec<PixelSize> {
  static PixelSize parse(const Tree& tree, const Tree* params);
  static std::string type() { return "pixels, or [width, height]"; }
  static std::string show(const PixelSize& value);
  static constexpr const char* schema = "";
};

}  // namespace fergraph
