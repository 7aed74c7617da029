#include "report/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "datasets/csv.hpp"
#include "report/histogram.hpp"
#include "report/run_directory.hpp"

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

nlohmann::json json_of(const Histogram& histogram) {
  // The library writes NaN as null.
  return {{"histogram",
           {{"low", histogram.low}, {"high", histogram.high}, {"counts", histogram.counts}, {"n", histogram.n}}}};
}

// What json_of made of an array; nothing where it is something else.
std::optional<NumericArray> numbers_of(const nlohmann::json& json) {
  if (json.is_object()) {
    if (!json.contains("shape") || !json.contains("values")) return std::nullopt;
    std::optional<NumericArray> numbers = numbers_of(json["values"]);
    if (numbers) numbers->shape = json["shape"].get<std::vector<std::int64_t>>();
    return numbers;
  }
  const nlohmann::json list = json.is_array() ? json : nlohmann::json::array({json});
  NumericArray numbers;
  if (json.is_array()) numbers.shape = {static_cast<std::int64_t>(list.size())};
  if (!list.empty() &&
      std::all_of(list.begin(), list.end(), [](const auto& each) { return each.is_number_integer(); })) {
    numbers.values = list.get<std::vector<std::int64_t>>();
    return numbers;
  }
  std::vector<double> values;
  for (const nlohmann::json& each : list) {
    if (!each.is_number() && !each.is_null()) return std::nullopt;
    values.push_back(each.is_null() ? std::nan("") : each.get<double>());
  }
  numbers.values = std::move(values);
  return numbers;
}

std::optional<Section> section_of(const std::string& name) {
  for (const Section section : {Section::epoch_start, Section::step, Section::epoch_end})
    if (section_name(section) == name) return section;
  return std::nullopt;
}

// Arrays beyond this (logits of a large test set) belong into files of their own; of lists there is a histogram.
constexpr std::size_t largest_logged_array = 1024;

const std::string voids_header = "stream,node,sample,name,reason\n";

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

MetricsLog::MetricsLog(const std::filesystem::path& directory, const RunPosition& from, std::int64_t iteration)
    : directory_(directory), events_(directory, seconds_since_1970()) {
  read_metrics(from, iteration);
  read_voids();
  metrics_.open(directory / "metrics.jsonl", std::ios::app);
  events_.restart_at(iteration + 1, seconds_since_1970());
  flush();
}

void MetricsLog::read_metrics(const RunPosition& from, std::int64_t iteration) {
  const std::filesystem::path file = directory_ / "metrics.jsonl";
  std::ifstream in(file);
  std::string kept;
  for (std::string text; std::getline(in, text);) {
    // The last line of a killed run may be half a line.
    const nlohmann::json line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!line.is_object() || !line.contains("section")) continue;
    const std::optional<Section> section = section_of(line["section"].get<std::string>());
    const std::int64_t epoch = line.value("epoch", std::int64_t{0});
    const bool before = section == Section::step          ? line.value("iteration", std::int64_t{0}) <= iteration
                        : section == Section::epoch_start ? epoch < from.epoch || (epoch == from.epoch && from.step > 0)
                                                          : epoch < from.epoch;
    if (!section || !before) continue;
    kept += text + "\n";
    had_lines_ = true;
    for (const auto& [name, value] : line.items()) {
      if (name == "section" || name == "epoch" || name == "step" || name == "iteration") continue;
      if (const auto numbers = numbers_of(value)) note(name, *section, *numbers);
    }
  }
  in.close();
  write_whole(file, kept);
}

void MetricsLog::read_voids() {
  const std::filesystem::path file = directory_ / "voids.csv";
  if (!std::filesystem::exists(file)) return;
  std::string kept = voids_header;
  try {
    CsvReader rows(file);
    const auto stream = static_cast<std::size_t>(rows.column("stream"));
    const auto sample = static_cast<std::size_t>(rows.column("sample"));
    const auto reason = static_cast<std::size_t>(rows.column("reason"));
    for (CsvRecord row; rows.next(row);) {
      known_voids_.emplace(row.fields[stream], std::stoll(std::string(row.fields[sample])));
      ++void_reasons_[std::string(row.fields[reason])];
      ++voids_;
      for (std::size_t i = 0; i < row.fields.size(); ++i)
        kept += (i ? "," : "") + csv_field(std::string(row.fields[i]));
      kept += '\n';
    }
  } catch (const std::exception&) {
    // The last line of a killed run may be half a line; what is behind it is met again.
  }
  write_whole(file, kept);
  if (voids_ > 0) void_rows_.open(file, std::ios::app);
}

void MetricsLog::note(const std::string& name, Section section, const NumericArray& numbers) {
  if (numbers.shape.empty() && numbers.size() == 1) {
    latest_[name] = numbers.at(0);
    if (section == Section::epoch_end) by_epoch_[name].push_back(numbers.at(0));
  } else {
    arrays_[name] = numbers;
  }
}

void MetricsLog::add_scalars(const std::string& name, const NumericArray& numbers, std::vector<Scalar>& scalars) const {
  const std::string tag = tag_of(name);
  const auto add = [&](const std::string& of, std::size_t i) {
    // A curve has no point where its value is undefined.
    if (std::isfinite(numbers.at(i))) scalars.push_back({of, static_cast<float>(numbers.at(i))});
  };
  if (numbers.shape.empty() && numbers.size() == 1)
    add(tag, 0);
  else if (numbers.shape.size() == 1 && numbers.size() == class_names_.size())
    for (std::size_t c = 0; c < class_names_.size(); ++c) add(tag + "/" + class_names_[c], c);
}

bool MetricsLog::lacks_epochs(std::int64_t ended) const {
  std::size_t told = 0;
  for (const auto& [name, values] : by_epoch_) told = std::max(told, values.size());
  return ended > 0 && (!had_lines_ || (!by_epoch_.empty() && static_cast<std::int64_t>(told) < ended));
}

std::optional<double> MetricsLog::best_of(const std::string& name) const {
  std::optional<double> best;
  if (const auto found = by_epoch_.find(name); found != by_epoch_.end())
    for (const double value : found->second)
      if (std::isfinite(value) && (!best || value > *best)) best = value;
  return best;
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
    note(*value.name, section, *numbers);
    add_scalars(*value.name, *numbers, scalars);
    if (numbers->size() <= largest_logged_array)
      line[*value.name] = json_of(*numbers);
    else if (numbers->shape.size() == 1 && !numbers->is_integer())
      line[*value.name] = json_of(histogram_of(*numbers));
    else
      continue;
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
    void_rows_ << voids_header;
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
