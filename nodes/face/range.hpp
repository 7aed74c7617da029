// The values that a parameter may have, stated once: for the contract, by which `fergraph check` tells, and for the
// code.
#pragma once

#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fergraph {

/// From `low` to `high`, both included.
struct Range {
  double low = 0;
  double high = 0;

  bool contains(double value) const { return value >= low && value <= high; }  // never NaN
  /// "NAME is VALUE; it must be from LOW to HIGH."
  std::string refusal(std::string_view name, double value) const {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text << name << " is " << value << "; it must be from " << low << " to " << high << ".";
    return text.str();
  }
  /// Throws std::invalid_argument with the refusal unless it contains the value.
  void require(std::string_view name, double value) const {
    if (!contains(value)) throw std::invalid_argument(refusal(name, value));
  }
};

}  // namespace fergraph
