#include "report/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "datasets/csv.hpp"

namespace fergraph {
namespace {

nlohmann::json json_of(const NumericArray& numbers) {
  const auto number = [&](std::size_t i) -> nlohmann::json {
    if (numbers.is_integer()) return std::get<1>(numbers.values)[i];
    const double value = std::get<0>(numbers.values)[i];
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
  };
  if (numbers.shape.empty()) return number(0);
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < numbers.size(); ++i) list.push_back(number(i));
  if (numbers.shape.size() == 1) return list;
  return {{"shape", numbers.shape}, {"values", std::move(list)}};
}

// Arrays beyond this (logits of a large test set) belong into files of their own.
constexpr std::size_t largest_logged_array = 1024;

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// TensorBoard draws what stands before a slash as one section.
std::string tag_of(std::string name) {
  if (const std::size_t dot = name.find('.'); dot != std::string::npos) name[dot] = '/';
  return name;
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& directory, std::chrono::milliseconds flush_every)
    : directory_(directory),
      flush_every_(flush_every),
      metrics_(directory / "metrics.jsonl"),
      events_(directory, seconds_since_1970()) {
  if (!metrics_)
    throw RunError("'" + (directory / "metrics.jsonl").string() +
                   "' could not be opened. Check the folder's permissions.");
}

void MetricsLog::record(Section section, const Clock& clock, const std::vector<RecordedValue>& values) {
  nlohmann::ordered_json line = {
      {"section", section_name(section)}, {"epoch", clock.epoch}, {"step", clock.step}, {"iteration", clock.iteration}};
  bool any = false;
  std::vector<Scalar> scalars;
  for (const RecordedValue& value : values) {
    const auto numbers = value.numbers();
    if (!numbers) continue;
    const bool single = numbers->shape.empty() && numbers->size() == 1;
    if (section == Section::step && !single) continue;
    if (single) {
      latest_[*value.name] = numbers->at(0);
      scalars.push_back({tag_of(*value.name), static_cast<float>(numbers->at(0))});
      if (section == Section::epoch_end) by_epoch_[*value.name].push_back(numbers->at(0));
    } else {
      arrays_[*value.name] = *numbers;
      if (numbers->size() > largest_logged_array) continue;
    }
    line[*value.name] = json_of(*numbers);
    any = true;
  }
  if (any) metrics_ << line.dump() << '\n';
  if (!scalars.empty()) events_.add(clock.iteration, seconds_since_1970(), scalars);
  flush_when_due();
}

void MetricsLog::record_void(const VoidSample& sample) {
  const std::lock_guard lock(mutex_);
  if (voids_ == 0) {
    void_rows_.open(directory_ / "voids.csv");
    void_rows_ << "stream,node,sample,name,reason\n";
  }
  void_rows_ << sample.stream << ',' << sample.node << ',' << sample.sample << ',' << csv_field(sample.name) << ','
             << csv_field(sample.reason) << '\n';
  ++voids_;
  ++void_reasons_[sample.reason];
}

void MetricsLog::flush() {
  flushed_ = SteadyClock::now();
  if (!metrics_.flush() || !events_.flush())
    throw RunError("The metrics in '" + directory_.string() + "' could not be written. Check the free space.");
  const std::lock_guard lock(mutex_);
  // A file that could not be opened fails here too.
  if (voids_ > 0 && !void_rows_.flush())
    throw RunError("The list of voids '" + (directory_ / "voids.csv").string() +
                   "' could not be written. Check the folder and the free space.");
}

void MetricsLog::flush_when_due() {
  if (SteadyClock::now() - flushed_ >= flush_every_) flush();
}

std::int64_t MetricsLog::voids() const {
  const std::lock_guard lock(mutex_);
  return voids_;
}

std::map<std::string, std::int64_t> MetricsLog::void_reasons() const {
  const std::lock_guard lock(mutex_);
  return void_reasons_;
}

AccuracySummary summarise(const std::vector<double>& accuracy) {
  AccuracySummary summary;
  if (accuracy.empty()) return summary;
  summary.best = *std::max_element(accuracy.begin(), accuracy.end());
  summary.last = accuracy.back();
  const std::size_t count = std::min<std::size_t>(5, accuracy.size());
  for (std::size_t i = accuracy.size() - count; i < accuracy.size(); ++i)
    summary.mean_of_last_five += accuracy[i] / static_cast<double>(count);
  return summary;
}

std::string confusion_text(const NumericArray& confusion, const std::vector<std::string>& class_names) {
  const auto classes = static_cast<std::size_t>(confusion.shape.at(0));
  const auto name = [&](std::size_t i) {
    return i < class_names.size() ? class_names[i] : "class " + std::to_string(i);
  };
  std::size_t width = 8;
  for (std::size_t i = 0; i < classes; ++i) width = std::max(width, name(i).size());
  std::array<char, 128> cell{};
  std::string text(width + 2, ' ');
  for (std::size_t c = 0; c < classes; ++c) {
    std::snprintf(cell.data(), cell.size(), "%7.6s", name(c).c_str());
    text += cell.data();
  }
  text += "  recall   (rows: true class, columns: predicted)\n";
  for (std::size_t r = 0; r < classes; ++r) {
    std::snprintf(cell.data(), cell.size(), "  %-*s", static_cast<int>(width), name(r).c_str());
    text += cell.data();
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += confusion.at(r * classes + c);
    for (std::size_t c = 0; c < classes; ++c) {
      std::snprintf(cell.data(), cell.size(), "%7.0f", confusion.at(r * classes + c));
      text += cell.data();
    }
    std::snprintf(cell.data(), cell.size(), sum > 0 ? "  %5.1f %%\n" : "      –\n",
                  sum > 0 ? 100 * confusion.at(r * classes + r) / sum : 0);
    text += cell.data();
  }
  return text;
}

}  // namespace fergraph
