#include "report/run_records.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

namespace fergraph {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_shown = 64;  // classes, bins or subsets; longer arrays are one number per sample
constexpr int histogram_bins = 40;

double number_of(const Json& json) { return json.is_number() ? json.get<double>() : std::nan(""); }

std::optional<RecordedArray> array_of(const Json& json, std::int64_t epoch) {
  RecordedArray array{epoch, {}, {}};
  const Json* values = &json;
  if (json.is_object()) {
    const auto shape = json.find("shape");
    const auto found = json.find("values");
    if (shape == json.end() || found == json.end() || !shape->is_array() || !found->is_array()) return std::nullopt;
    for (const Json& each : *shape) array.shape.push_back(each.is_number_integer() ? each.get<std::int64_t>() : 0);
    values = &*found;
  } else if (json.is_array()) {
    array.shape = {static_cast<std::int64_t>(json.size())};
  } else if (json.is_number() || json.is_null()) {
    array.values = {number_of(json)};
    return array;
  } else {
    return std::nullopt;
  }
  for (const Json& each : *values) array.values.push_back(number_of(each));
  std::int64_t size = 1;
  for (const std::int64_t each : array.shape) size *= each;
  if (size != static_cast<std::int64_t>(array.values.size())) return std::nullopt;
  return array;
}

std::optional<ValueHistogram> histogram_of(const Json& json, std::int64_t epoch) {
  const auto found = json.find("histogram");
  if (found == json.end() || !found->is_object()) return std::nullopt;
  try {
    return ValueHistogram{epoch, found->at("low"), found->at("high"), found->at("counts")};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::optional<ValueHistogram> histogram_of(const RecordedArray& array) {
  std::vector<double> finite;
  for (const double each : array.values)
    if (std::isfinite(each)) finite.push_back(each);
  if (finite.empty()) return std::nullopt;
  const auto [least, most] = std::minmax_element(finite.begin(), finite.end());
  ValueHistogram histogram{array.epoch, *least, *most, {}};
  // What is a share or a probability is shown on its whole range.
  if (histogram.low >= 0 && histogram.high <= 1) histogram.low = 0, histogram.high = 1;
  if (!(histogram.high > histogram.low)) histogram.high = histogram.low + 1;
  histogram.counts.assign(histogram_bins, 0);
  const double width = (histogram.high - histogram.low) / histogram_bins;
  for (const double each : finite)
    ++histogram.counts[static_cast<std::size_t>(
        std::clamp(static_cast<int>((each - histogram.low) / width), 0, histogram_bins - 1))];
  return histogram;
}

// Of two sections of one epoch the later one counts.
void note_array(std::vector<RecordedArray>& series, RecordedArray array) {
  if (!series.empty() && series.back().epoch == array.epoch)
    series.back() = std::move(array);
  else
    series.push_back(std::move(array));
}

void note_epoch(RunRecords& records, const std::string& name, const Json& json, std::int64_t epoch) {
  if (json.is_object() && json.contains("histogram")) {
    if (auto histogram = histogram_of(json, epoch)) records.histograms[name] = std::move(*histogram);
    return;
  }
  std::optional<RecordedArray> array = array_of(json, epoch);
  if (!array) return;
  if (array->shape.size() > 1)
    records.tables[name] = std::move(*array);
  else if (array->values.size() > longest_shown) {
    if (auto histogram = histogram_of(*array)) records.histograms[name] = std::move(*histogram);
  } else {
    note_array(records.short_arrays[name], std::move(*array));
  }
}

StepSeries thinned(const StepSeries& series, std::size_t points) {
  if (series.values.size() <= points) return series;
  StepSeries out;
  for (std::size_t p = 0; p < points; ++p) {
    const std::size_t from = p * series.values.size() / points;
    const std::size_t to = (p + 1) * series.values.size() / points;
    double sum = 0;
    int count = 0;
    for (std::size_t i = from; i < to; ++i)
      if (std::isfinite(series.values[i])) sum += series.values[i], ++count;
    out.epochs.push_back(series.epochs[to - 1]);
    out.values.push_back(count > 0 ? sum / count : std::nan(""));
  }
  return out;
}

}  // namespace

const std::vector<RecordedArray>* RunRecords::by_epoch(const std::string& name) const {
  const auto found = short_arrays.find(name);
  return found == short_arrays.end() || !found->second.back().shape.empty() ? nullptr : &found->second;
}

RunRecords read_records(const std::filesystem::path& metrics, std::size_t points) {
  RunRecords records;
  std::ifstream in(metrics);
  for (std::string text; std::getline(in, text);) {
    const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!line.is_object() || !line.contains("section") || !line["section"].is_string()) continue;
    const bool of_step = line["section"] == "step";
    const auto whole = [&](const char* key) {
      const auto found = line.find(key);
      return found != line.end() && found->is_number_integer() ? found->get<std::int64_t>() : std::int64_t{0};
    };
    const std::int64_t epoch = whole("epoch");
    if (of_step) records.steps_per_epoch = std::max(records.steps_per_epoch, whole("step"));
    for (const auto& [name, value] : line.items()) {
      if (name == "section" || name == "epoch" || name == "step" || name == "iteration") continue;
      if (!of_step) {
        note_epoch(records, name, value, epoch);
      } else if (value.is_number() || value.is_null()) {
        records.steps[name].epochs.push_back(static_cast<double>(whole("iteration")));
        records.steps[name].values.push_back(number_of(value));
      }
    }
  }
  for (auto& [name, series] : records.steps) {
    for (double& each : series.epochs) each /= static_cast<double>(std::max<std::int64_t>(records.steps_per_epoch, 1));
    series = thinned(series, points);
  }
  return records;
}

}  // namespace fergraph
