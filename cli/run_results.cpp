#include "cli/run_results.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "report/run_directory.hpp"

namespace fergraph {
namespace {

std::vector<std::string> class_names(const Pipeline& pipeline) {
  const Tree* names = pipeline.params() ? pipeline.params()->find("class_names") : nullptr;
  return names && names->is_list() ? Codec<std::vector<std::string>>::parse(*names, nullptr)
                                   : std::vector<std::string>{};
}

void print_accuracies(const MetricsLog& metrics, const Pipeline& pipeline) {
  for (const auto& [name, values] : metrics.by_epoch()) {
    if (name.find("accuracy") == std::string::npos) continue;
    const AccuracySummary summary = summarise(values);
    std::printf("%s: best %.2f %%, last %.2f %%, mean of the last %zu epochs %.2f %%\n", name.c_str(),
                100 * summary.best, 100 * summary.last, std::min<std::size_t>(5, values.size()),
                100 * summary.mean_of_last_five);
  }
  if (const auto confusion = metrics.arrays().find("test.confusion"); confusion != metrics.arrays().end())
    std::printf("%s", confusion_text(confusion->second, class_names(pipeline)).c_str());
}

}  // namespace

void print_training(const Run& run, const MetricsLog& metrics, double seconds) {
  print_accuracies(metrics, run.pipeline());
  if (run.skipped() > 0)
    std::printf("Steps of optimizers skipped, because their numbers were not finite: %lld\n",
                static_cast<long long>(run.skipped()));
  const TimeShares& times = run.times();
  const double all = std::max(times.waiting_for_data + times.step + times.epoch_sections, 1e-9);
  std::printf("Time: %s; the step waited for data %.1f %%, computed %.1f %%, epoch sections %.1f %%\n",
              readable_seconds(seconds).c_str(), 100 * times.waiting_for_data / all, 100 * times.step / all,
              100 * times.epoch_sections / all);
}

void print_preprocessing(const Run& run, const RunReporter& reporter) {
  for (std::size_t i = 0; i < run.pipeline().streams.size(); ++i) {
    const StreamPlan& stream = run.pipeline().streams[i];
    if (!stream.has_sink()) continue;
    const std::optional<StreamOutcome> outcome = reporter.outcome(stream.name);
    if (!outcome) {
      std::printf("%s: up to date\n", stream.name.c_str());
      continue;
    }
    const std::int64_t all = run.stream_size(static_cast<int>(i));
    const std::string of = outcome->samples < all ? " of " + std::to_string(all) : "";
    std::printf("%s: %lld%s samples, %lld void, %s (%.0f/s)\n", stream.name.c_str(),
                static_cast<long long>(outcome->samples), of.c_str(), static_cast<long long>(outcome->voids),
                readable_seconds(outcome->seconds).c_str(),
                static_cast<double>(outcome->samples) / std::max(outcome->seconds, 1e-9));
  }
}

void print_voids(const MetricsLog& metrics, const std::filesystem::path& directory) {
  if (metrics.voids() == 0) return;
  std::printf("Voids (all in %s):\n", (directory / "voids.csv").string().c_str());
  for (const auto& [reason, count] : metrics.void_reasons())
    std::printf("  %6lld  %s\n", static_cast<long long>(count), reason.c_str());
}

}  // namespace fergraph
