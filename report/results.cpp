#include "report/results.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

namespace fergraph {
namespace {

std::string percent(double share) { return std::isfinite(share) ? fmt::format("{:.1f} %", 100 * share) : "–"; }

// The last value of a record with one number; NaN where there is none.
double last(const MetricsLog& metrics, const std::string& name) {
  const auto found = metrics.latest().find(name);
  return found == metrics.latest().end() ? std::nan("") : found->second;
}

std::string accuracies(const MetricsLog& metrics) {
  std::string text;
  for (const auto& [name, values] : metrics.by_epoch()) {
    if (!name.ends_with(".accuracy")) continue;
    const AccuracySummary summary = summarise(values);
    text +=
        fmt::format("{}: best {:.2f} %, last {:.2f} %, mean of the last {} epochs {:.2f} %\n", name, 100 * summary.best,
                    100 * summary.last, std::min<std::size_t>(5, values.size()), 100 * summary.mean_of_last_five);
  }
  return text;
}

std::string last_test(const MetricsLog& metrics) {
  std::string text;
  for (const auto& [name, words] :
       {std::pair("test.mean_recall", "mean recall"), std::pair("test.macro_f1", "macro F1"),
        std::pair("test.calibration_error", "calibration error (ECE)")})
    if (metrics.latest().contains(name))
      text += fmt::format("{}{} {}", text.empty() ? "last test: " : ", ", words, percent(last(metrics, name)));
  return text.empty() ? text : text + "\n";
}

// A line of per cents by class, below the names of a confusion matrix.
std::string row_of(const std::string& title, const NumericArray& shares) {
  std::string text = fmt::format("  {:<8}", title);
  for (std::size_t c = 0; c < shares.size(); ++c)
    text += std::isfinite(shares.at(c)) ? fmt::format("{:>7.1f}", 100 * shares.at(c)) : fmt::format("{:>7}", "–");
  return text + "\n";
}

std::string pseudo_labels(const MetricsLog& metrics, const std::vector<std::string>& class_names) {
  if (!metrics.latest().contains("pseudo.share_all")) return {};
  std::string text =
      fmt::format("pseudo-labels: {} of the guesses used, {} of these right\n",
                  percent(last(metrics, "pseudo.share_all")), percent(last(metrics, "pseudo.accuracy_all")));
  const auto share = metrics.arrays().find("pseudo.share");
  const auto accuracy = metrics.arrays().find("pseudo.accuracy");
  if (share == metrics.arrays().end() || accuracy == metrics.arrays().end()) return text;
  text += fmt::format("  {:<8}", "%");
  for (std::size_t c = 0; c < share->second.size(); ++c)
    text += fmt::format("{:>7.6}", c < class_names.size() ? class_names[c] : std::to_string(c));
  return text + "\n" + row_of("used", share->second) + row_of("right", accuracy->second);
}

std::string noise(const MetricsLog& metrics) {
  if (!metrics.latest().contains("noise.flagged")) return {};
  return fmt::format("wrong labels: {} of the labels flagged, precision {}, recall {}\n",
                     percent(last(metrics, "noise.flagged")), percent(last(metrics, "noise.precision")),
                     percent(last(metrics, "noise.recall")));
}

std::string subsets(const MetricsLog& metrics) {
  constexpr std::string_view start = "subset.";
  std::string text;
  for (const auto& [name, size] : metrics.latest())
    if (name.starts_with(start))
      text += fmt::format("{} {} {:.0f}", text.empty() ? "subsets:" : ",", name.substr(start.size()), size);
  return text.empty() ? text : text + " samples\n";
}

}  // namespace

std::string results_text(const MetricsLog& metrics, const std::vector<std::string>& class_names) {
  std::string text = accuracies(metrics) + last_test(metrics);
  if (const auto confusion = metrics.arrays().find("test.confusion"); confusion != metrics.arrays().end())
    text += confusion_text(confusion->second, class_names);
  return text + pseudo_labels(metrics, class_names) + noise(metrics) + subsets(metrics);
}

}  // namespace fergraph
