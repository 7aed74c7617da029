// What several seeds gave, as one number with its spread; and the epoch of a run that counts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fergraph {

/// Mean and sample standard deviation (divisor n - 1), which has a value from two numbers on.
struct Spread {
  std::size_t n = 0;
  double mean = 0;
  std::optional<double> deviation;
};
Spread spread_of(const std::vector<double>& values);

/// Which epochs of a run its number comes from: `last`, `best` (the largest) or the mean of the last K.
struct Pick {
  enum class Kind { last, best, mean };
  Kind kind = Kind::last;
  std::size_t count = 5;  // of the kind mean

  /// "last", "best", "mean5"; nothing for another word.
  static std::optional<Pick> parse(const std::string& word);
  std::string word() const;
  /// "the last epoch", "the best epoch", "the mean of the last 5 epochs".
  std::string described() const;
  /// The number of a run from its values by epoch (all that there are where there are fewer than K); nothing where
  /// there are none.
  std::optional<double> of(const std::vector<double>& by_epoch) const;
};

}  // namespace fergraph
