#include "report/statistics.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace fergraph {

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  spread.n = values.size();
  if (values.empty()) return spread;
  const auto n = static_cast<double>(values.size());
  spread.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() < 2) return spread;
  // In two passes: the sum of squares less n times the squared mean would cancel.
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / (n - 1));
  return spread;
}

std::optional<Pick> Pick::parse(const std::string& word) {
  if (word == "last") return Pick{Kind::last};
  if (word == "best") return Pick{Kind::best};
  if (!word.starts_with("mean")) return std::nullopt;
  Pick pick{Kind::mean, 0};
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data() + 4, end, pick.count);
  if (error != std::errc() || stop != end || pick.count < 1) return std::nullopt;
  return pick;
}

std::string Pick::word() const {
  return kind == Kind::last ? "last" : kind == Kind::best ? "best" : "mean" + std::to_string(count);
}

std::string Pick::described() const {
  if (kind == Kind::mean) return "the mean of the last " + std::to_string(count) + " epochs";
  return kind == Kind::last ? "the last epoch" : "the best epoch";
}

std::optional<double> Pick::of(const std::vector<double>& by_epoch) const {
  if (by_epoch.empty()) return std::nullopt;
  if (kind == Kind::last) return by_epoch.back();
  if (kind == Kind::best) {
    double best = by_epoch.front();
    for (const double value : by_epoch)
      if (!(value <= best) && !std::isnan(value)) best = value;  // NaN is no best
    return best;
  }
  const std::size_t taken = std::min(count, by_epoch.size());
  return std::accumulate(by_epoch.end() - static_cast<std::ptrdiff_t>(taken), by_epoch.end(), 0.0) /
         static_cast<double>(taken);
}

}  // namespace fergraph
