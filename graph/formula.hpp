// Numbers that may be formulas over the clock and the parameters, parsed by muParser.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "graph/clock.hpp"
#include "graph/tree.hpp"

namespace fergraph {

/// A parameter of a node that a file may write as a formula. A node sees its value at the clock of the call.
struct Formula {
  double value = 0;

  constexpr Formula(double number = 0)
      : value(number) {}                               // NOLINT(google-explicit-constructor): reads as the number it is
  constexpr operator double() const { return value; }  // NOLINT(google-explicit-constructor)
};

/// A formula that was read: functions and operators of muParser, `clip(x, lo, hi)`, `passed(milestones, x)` (how many
/// entries of a list parameter are <= x), the clock (epoch, epochs, step, steps, iteration) and the
/// file's numeric parameters, by name.
class CompiledFormula {
 public:
  /// Reads the scalar; `params` is the file's (inserted) `params` map or nullptr. Throws PipelineError: a syntax error,
  /// an unknown name (with what is known), parameters that refer to each other in a circle.
  CompiledFormula(const Tree& scalar, const Tree* params);
  CompiledFormula(CompiledFormula&&) noexcept;
  CompiledFormula& operator=(CompiledFormula&&) noexcept;
  ~CompiledFormula();

  /// The value at this clock. Throws RunError with the place where it is not finite. Not for concurrent use.
  double at(const Clock& clock) const;
  bool uses_clock() const;

  /// Whether formulas know the word without any parameter: the clock and the functions.
  static bool knows(const std::string& word);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace fergraph
