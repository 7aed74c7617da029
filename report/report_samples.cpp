#include "report/report_samples.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/face_gallery.hpp"
#include "report/prediction_table.hpp"
#include "report/tsne.hpp"

namespace fergraph {
namespace {

using Json = nlohmann::ordered_json;
using Row = PredictionTable::Row;

constexpr std::size_t most_points = 2000;  // of the plane
constexpr std::size_t most_faces = 48;     // of a gallery
constexpr int sheet_side = 40;             // pixels of a face beside a point
constexpr std::size_t most_pictures = 1000;

double rounded(double value, double step) { return std::round(value / step) * step; }

Json face_json(const Row& row, FacePictures& pictures) {
  const auto probability = [&](std::int64_t of_class) -> Json {
    const auto c = static_cast<std::size_t>(of_class);
    return of_class >= 0 && c < row.probs.size() ? Json(rounded(row.probs[c], 1e-4)) : Json();
  };
  return {{"picture", pictures.address_of(row)},
          {"id", row.id},
          {"given", row.given},
          {"actual", row.actual},
          {"predicted", row.predicted},
          {"confidence", rounded(row.confidence, 1e-4)},
          {"of_given", probability(row.given)}};
}

Json gallery(const PredictionTable& table, const std::vector<std::size_t>& rows, std::size_t all,
             FacePictures& pictures) {
  Json faces = Json::array();
  for (const std::size_t i : rows) faces.push_back(face_json(table.rows[i], pictures));
  return {{"all", all}, {"faces", std::move(faces)}};
}

// What a method keeps of samples, apart for right and for wrong labels where the true ones are known.
Json column_json(const PredictionTable& table, const std::string& name, const std::vector<double>& values) {
  std::vector<double> known;
  for (const double each : values)
    if (std::isfinite(each)) known.push_back(each);
  if (known.empty()) return nullptr;
  std::vector<double> distinct = known;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const bool whole = std::all_of(known.begin(), known.end(), [](double each) { return each == std::floor(each); });
  constexpr std::size_t bins = 20;
  const bool is_word = whole && distinct.size() <= 12;
  double low = distinct.front();
  double high = distinct.back();
  if (low >= 0 && high <= 1) low = 0, high = 1;
  if (!(high > low)) high = low + 1;
  const std::size_t count = is_word ? distinct.size() : bins;
  std::vector<std::int64_t> right(count, 0), wrong(count, 0), unknown(count, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const std::size_t bin =
        is_word
            ? static_cast<std::size_t>(std::lower_bound(distinct.begin(), distinct.end(), values[i]) - distinct.begin())
            : std::min(bins - 1, static_cast<std::size_t>((values[i] - low) / (high - low) * bins));
    const Row& row = table.rows[i];
    ++(row.actual < 0 || row.given < 0 ? unknown : row.actual == row.given ? right : wrong)[bin];
  }
  Json json = {{"name", name}, {"right", right}, {"wrong", wrong}, {"unknown", unknown}};
  if (is_word)
    json["values"] = distinct;
  else
    json["low"] = low, json["high"] = high;
  return json;
}

Json plane_json(const PredictionTable& table, const std::filesystem::path& npy, FacePictures& pictures) {
  const FeatureTable all = read_features(npy);
  if (all.rows != static_cast<std::int64_t>(table.rows.size()))
    throw std::runtime_error("'" + npy.string() + "' has " + std::to_string(all.rows) + " rows, but the predictions " +
                             "beside it " + std::to_string(table.rows.size()) + ". Evaluate the run again.");
  const std::vector<std::size_t> rows = stratified_rows(table, most_points);
  FeatureTable chosen{static_cast<std::int64_t>(rows.size()), all.columns, {}};
  chosen.values.reserve(rows.size() * static_cast<std::size_t>(all.columns));
  for (const std::size_t i : rows) {
    const auto from = all.values.begin() + static_cast<std::ptrdiff_t>(i) * all.columns;
    chosen.values.insert(chosen.values.end(), from, from + all.columns);
  }
  for (const float each : chosen.values)
    if (!std::isfinite(each)) throw std::runtime_error("The features in '" + npy.string() + "' are not finite.");
  const FeatureTable components = principal_components(chosen, 50);
  const TsneOptions options;
  const std::vector<PlanePoint> points = tsne(components, options);
  Json x = Json::array(), y = Json::array(), label = Json::array(), predicted = Json::array(), id = Json::array();
  std::vector<const Row*> shown;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = table.rows[rows[i]];
    x.push_back(rounded(points[i].x, 0.01));
    y.push_back(rounded(points[i].y, 0.01));
    label.push_back(PredictionTable::label_of(row));
    predicted.push_back(row.predicted);
    id.push_back(row.id);
    if (shown.size() < most_pictures) shown.push_back(&row);
  }
  const int columns = 32;
  const std::int64_t neighbours = 7;
  Json json = {{"x", x},
               {"y", y},
               {"label", label},
               {"predicted", predicted},
               {"id", id},
               {"of", table.rows.size()},
               {"features", all.columns},
               {"components", components.columns},
               {"perplexity", options.perplexity},
               {"sheet",
                {{"picture", pictures.sheet_of(shown, columns, sheet_side)},
                 {"columns", columns},
                 {"side", sheet_side},
                 {"count", shown.size()}}}};
  if (chosen.rows > 2 * neighbours) json["trustworthiness"] = trustworthiness(chosen, points, neighbours);
  return json;
}

// 64-bit sums of what the file beside the table says are not needed: the table itself has all.
Json table_json(const std::filesystem::path& csv, FacePictures& pictures, std::vector<std::string>& problems) {
  const PredictionTable table = read_predictions(csv);
  Json json = {{"name", table.name}, {"samples", table.rows.size()}, {"classes", table.classes}};
  std::int64_t labeled = 0, right = 0, wrong_labels = 0, known = 0;
  for (const Row& row : table.rows) {
    const std::int64_t label = PredictionTable::label_of(row);
    if (label >= 0) ++labeled, right += row.predicted == label ? 1 : 0;
    if (row.actual >= 0 && row.given >= 0) ++known, wrong_labels += row.actual != row.given ? 1 : 0;
  }
  json["labeled"] = labeled;
  json["accuracy"] = labeled > 0 ? Json(static_cast<double>(right) / static_cast<double>(labeled)) : Json();
  json["known"] = known;
  json["wrong_labels"] = wrong_labels;
  json["confusion"] = confusion_of(table);
  json["reliability"] = reliability_of(table, 15);
  Json columns = Json::array();
  for (const auto& [name, values] : table.columns)
    if (Json column = column_json(table, name, values); !column.is_null()) columns.push_back(std::move(column));
  json["columns"] = std::move(columns);
  const std::size_t everything = table.rows.size();
  json["suspects"] =
      gallery(table, suspected_labels(table, most_faces), suspected_labels(table, everything).size(), pictures);
  json["mistakes"] =
      gallery(table, confident_mistakes(table, most_faces), confident_mistakes(table, everything).size(), pictures);
  const std::filesystem::path npy = csv.parent_path() / (table.name + ".features.npy");
  json["plane"] = nullptr;
  if (std::filesystem::exists(npy)) {
    try {
      json["plane"] = plane_json(table, npy, pictures);
    } catch (const std::exception& error) {
      problems.emplace_back(error.what());
    }
  }
  return json;
}

}  // namespace

Json report_samples(const std::filesystem::path& directory, std::vector<std::string>& problems) {
  std::vector<std::filesystem::path> tables;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "predictions", ignored))
    if (entry.path().extension() == ".csv") tables.push_back(entry.path());
  std::sort(tables.begin(), tables.end());
  std::vector<std::filesystem::path> folders;
  for (std::filesystem::path folder = std::filesystem::absolute(directory).lexically_normal().parent_path();;
       folder = folder.parent_path()) {
    folders.push_back(folder);
    if (folder == folder.parent_path() || folders.size() > 4) break;
  }
  FacePictures pictures(folders);
  Json json = Json::array();
  for (const std::filesystem::path& csv : tables) {
    try {
      json.push_back(table_json(csv, pictures, problems));
    } catch (const std::exception& error) {
      problems.emplace_back(error.what());
    }
  }
  problems.insert(problems.end(), pictures.problems().begin(), pictures.problems().end());
  return json;
}

}  // namespace fergraph
