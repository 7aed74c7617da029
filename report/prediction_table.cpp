#include "report/prediction_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <set>

#include "datasets/csv.hpp"
#include "graph/problem.hpp"

namespace fergraph {
namespace {

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct ExtraColumn {
  std::size_t column;
  std::string name;
  std::vector<double> values;
  bool is_numeric = true;

  void add(std::string_view text) {
    const std::optional<double> value = number_of(text);
    if (!value && !text.empty() && text != "nan" && text != "-nan") is_numeric = false;
    values.push_back(value.value_or(std::nan("")));
  }
};

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw RunError("'" + file.string() + "' " + why + " Evaluate the run again: fergraph evaluate.");
}

// The two sizes in a header such as {'descr': '<f4', 'fortran_order': False, 'shape': (600, 128), }.
std::optional<std::pair<std::int64_t, std::int64_t>> shape_in(const std::string& header) {
  if (header.find("'<f4'") == std::string::npos || header.find("'fortran_order': False") == std::string::npos)
    return std::nullopt;
  const std::size_t open = header.find('(');
  std::int64_t rows = -1;
  std::int64_t columns = -1;
  char close = 0;
  if (open == std::string::npos || std::sscanf(header.c_str() + open, "(%ld, %ld%c", &rows, &columns, &close) != 3 ||
      close != ')')
    return std::nullopt;
  if (rows < 0 || columns < 0 || (columns > 0 && rows > (std::int64_t{1} << 28) / columns)) return std::nullopt;
  return std::pair{rows, columns};
}

}  // namespace

PredictionTable read_predictions(const std::filesystem::path& csv) {
  PredictionTable table;
  table.name = csv.stem().string();
  CsvReader reader(csv);
  const auto at = [&](const char* name) { return static_cast<std::size_t>(reader.column(name)); };
  const std::size_t id = at("id"), cache = at("cache"), face = at("face"), given = at("given"), actual = at("true"),
                    predicted = at("predicted"), confidence = at("confidence");
  std::set<std::size_t> known = {id, cache, face, given, actual, predicted, confidence, at("index")};
  std::vector<std::size_t> probs;
  std::vector<ExtraColumn> extras;
  std::map<std::string, std::int64_t, std::less<>> class_of;
  for (std::size_t i = 0; i < reader.columns().size(); ++i) {
    const std::string& name = reader.columns()[i];
    if (known.contains(i)) continue;
    if (name.starts_with("p_")) {
      class_of.emplace(name.substr(2), static_cast<std::int64_t>(table.classes.size()));
      table.classes.push_back(name.substr(2));
      probs.push_back(i);
    } else {
      extras.push_back({i, name, {}});
    }
  }
  const auto label = [&](std::string_view name) {
    const auto found = class_of.find(name);
    return found == class_of.end() ? std::int64_t{-1} : found->second;
  };
  for (CsvRecord record; reader.next(record);) {
    PredictionTable::Row row;
    row.id = record.fields[id];
    row.cache = record.fields[cache];
    row.face = static_cast<std::int64_t>(number_of(record.fields[face]).value_or(-1));
    row.given = label(record.fields[given]);
    row.actual = label(record.fields[actual]);
    row.predicted = label(record.fields[predicted]);
    row.confidence = number_of(record.fields[confidence]).value_or(0);
    for (const std::size_t each : probs)
      row.probs.push_back(static_cast<float>(number_of(record.fields[each]).value_or(0)));
    for (ExtraColumn& extra : extras) extra.add(record.fields[extra.column]);
    table.rows.push_back(std::move(row));
  }
  for (ExtraColumn& extra : extras)
    if (extra.is_numeric) table.columns.emplace_back(extra.name, std::move(extra.values));
  return table;
}

FeatureTable read_features(const std::filesystem::path& npy) {
  std::ifstream in(npy, std::ios::binary);
  std::array<char, 10> head{};
  if (!in.read(head.data(), head.size()) || std::memcmp(head.data(), "\x93NUMPY\x01\x00", 8) != 0)
    refuse(npy, "is no array in NumPy's format 1.0.");
  std::string header(static_cast<unsigned char>(head[8]) + 256 * static_cast<unsigned char>(head[9]), ' ');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  const auto shape = shape_in(header);
  if (!in || !shape) refuse(npy, "is no float32 array with two dimensions.");
  FeatureTable table{shape->first, shape->second, {}};
  table.values.resize(static_cast<std::size_t>(table.rows * table.columns));
  const auto bytes = static_cast<std::streamsize>(table.values.size() * sizeof(float));
  in.read(reinterpret_cast<char*>(table.values.data()), bytes);
  if (in.gcount() != bytes) refuse(npy, "is shorter than its header says.");
  return table;
}

std::vector<std::vector<std::int64_t>> confusion_of(const PredictionTable& table) {
  std::vector<std::vector<std::int64_t>> counts(table.classes.size(),
                                                std::vector<std::int64_t>(table.classes.size(), 0));
  for (const PredictionTable::Row& row : table.rows)
    if (const std::int64_t label = PredictionTable::label_of(row); label >= 0 && row.predicted >= 0)
      ++counts[static_cast<std::size_t>(label)][static_cast<std::size_t>(row.predicted)];
  return counts;
}

std::vector<std::array<double, 3>> reliability_of(const PredictionTable& table, std::size_t bins) {
  std::vector<std::array<double, 3>> sums(bins, {0, 0, 0});
  for (const PredictionTable::Row& row : table.rows) {
    const std::int64_t label = PredictionTable::label_of(row);
    if (label < 0) continue;
    const double place = std::ceil(row.confidence * static_cast<double>(bins)) - 1;  // a bin has its upper end
    auto& bin = sums[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(bins - 1)))];
    bin[0] += 1;
    bin[1] += row.confidence;
    bin[2] += row.predicted == label ? 1 : 0;
  }
  for (auto& bin : sums)
    if (bin[0] > 0) bin[1] /= bin[0], bin[2] /= bin[0];
  return sums;
}

}  // namespace fergraph
