#include "report/run_reporter.hpp"

#include <spdlog/spdlog.h>

namespace fergraph {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

void RunReporter::recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) {
  metrics_.record(section, clock, values);
  if (section != Section::step) return;
  if (!progress_.due()) return;
  std::string losses;
  for (const auto& [name, value] : metrics_.latest())
    if (name.starts_with("loss."))
      losses += fmt::format("{}{} {:.3f}", losses.empty() ? "" : "  ", name.substr(5), value);
  progress_.update(fmt::format("epoch {}/{}", clock.epoch, clock.epochs), clock.iteration, clock.epochs * clock.steps,
                   "steps", losses);
}

void RunReporter::skipped(const std::string& text) {
  constexpr int told = 5;
  if (++skips_ <= told)
    progress_.warning("Skipped: " + text + (skips_ == told ? " Further ones are only counted." : ""));
}

void RunReporter::epoch_done(const Clock& clock) {
  metrics_.flush();
  std::string text = fmt::format("epoch {}/{}", clock.epoch, clock.epochs);
  for (const auto& [name, value] : metrics_.latest())
    if (name.starts_with("loss.")) text += fmt::format("  {} {:.4f}", name, value);
  for (const auto& [name, values] : metrics_.by_epoch())
    if (name.ends_with(".accuracy")) text += fmt::format("  {} {:.2f} %", name, 100 * values.back());
  progress_.line(text);
}

void RunReporter::preprocessed(const StreamPlan& stream, const StreamProgress& now) {
  if (stream.name != current_) {
    if (!current_.empty()) seconds_[current_] = seconds_since(begin_);
    current_ = stream.name;
    begin_ = SteadyClock::now();
    progress_.restart();
  }
  samples_[stream.name] = now.total;
  metrics_.flush_when_due();
  progress_.update(stream.name, now.samples, now.total, "samples",
                   now.voids > 0 ? fmt::format("{} void", now.voids) : "");
}

void RunReporter::void_sample(const VoidSample& sample) {
  const std::lock_guard lock(mutex_);
  // A stream that cycles meets the same void in every pass; one line is enough.
  if (!seen_.emplace(sample.stream, sample.sample).second) return;
  metrics_.record_void(sample);
  ++voids_[sample.stream];
}

std::optional<StreamOutcome> RunReporter::outcome(const std::string& stream) const {
  StreamOutcome outcome;
  if (stream == current_)
    outcome.seconds = seconds_since(begin_);
  else if (const auto found = seconds_.find(stream); found != seconds_.end())
    outcome.seconds = found->second;
  else
    return std::nullopt;
  outcome.samples = samples_.at(stream);
  const std::lock_guard lock(mutex_);
  if (const auto found = voids_.find(stream); found != voids_.end()) outcome.voids = found->second;
  return outcome;
}

}  // namespace fergraph
