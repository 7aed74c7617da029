#include "cli/run_results.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "report/results.hpp"
#include "report/run_directory.hpp"

namespace fergraph {

void print_training(const Run& run, const MetricsLog& metrics, const std::vector<std::string>& class_names,
                    double seconds) {
  std::printf("%s", results_text(metrics, class_names).c_str());
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
