#include "report/report_data.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "datasets/csv.hpp"
#include "report/metrics.hpp"
#include "report/report_samples.hpp"
#include "report/run_records.hpp"
#include "report/selections.hpp"
#include "report/trained_faces.hpp"

namespace fergraph {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t void_rows_shown = 20;

std::string plain_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json numbers_json(const std::vector<double>& values) {
  Json json = Json::array();
  // Six digits are more than a screen shows; a page of full doubles would be twice as large.
  for (const double each : values) json.push_back(std::isfinite(each) ? Json(std::stod(std::to_string(each))) : Json());
  return json;
}

// to_string keeps six decimals, too few for a learning rate.
Json small_numbers_json(const std::vector<double>& values) {
  const bool small =
      std::any_of(values.begin(), values.end(), [](double each) { return each != 0 && std::abs(each) < 0.01; });
  return small ? Json(values) : numbers_json(values);
}

Json records_json(const RunRecords& records) {
  Json steps = Json::object();
  for (const auto& [name, series] : records.steps)
    steps[name] = {{"x", numbers_json(series.epochs)}, {"y", small_numbers_json(series.values)}};
  Json epochs = Json::object();
  for (const auto& [name, series] : records.short_arrays) {
    Json x = Json::array(), y = Json::array();
    for (const RecordedArray& each : series) {
      x.push_back(each.epoch);
      y.push_back(each.shape.empty() ? number_json(each.values.front()) : small_numbers_json(each.values));
    }
    epochs[name] = {{"x", std::move(x)}, {"y", std::move(y)}};
  }
  Json tables = Json::object();
  for (const auto& [name, table] : records.tables)
    tables[name] = {{"epoch", table.epoch}, {"shape", table.shape}, {"values", small_numbers_json(table.values)}};
  Json histograms = Json::object();
  for (const auto& [name, each] : records.histograms)
    histograms[name] = {{"epoch", each.epoch}, {"low", each.low}, {"high", each.high}, {"counts", each.counts}};
  return {{"steps_per_epoch", records.steps_per_epoch},
          {"steps", std::move(steps)},
          {"epochs", std::move(epochs)},
          {"tables", std::move(tables)},
          {"histograms", std::move(histograms)}};
}

// The network that the method reports is "test"; others are "test_net1" and the like.
Json headline_json(const RunRecords& records) {
  Json accuracies = Json::array();
  Json others = Json::object();
  for (const auto& [name, series] : records.short_arrays) {
    if (!name.starts_with("test") || series.back().shape.size() > 0) continue;
    std::vector<double> values;
    for (const RecordedArray& each : series) values.push_back(each.values.front());
    if (name.ends_with(".accuracy")) {
      const AccuracySummary summary = summarise(values);
      const auto best = std::max_element(values.begin(), values.end()) - values.begin();
      accuracies.push_back({{"record", name},
                            {"best", number_json(summary.best)},
                            {"best_epoch", series[static_cast<std::size_t>(best)].epoch},
                            {"last", number_json(summary.last)},
                            {"mean_of_last_five", number_json(summary.mean_of_last_five)},
                            {"epochs", values.size()}});
    } else {
      others[name] = number_json(values.back());
    }
  }
  // The reported networks first.
  std::stable_partition(accuracies.begin(), accuracies.end(),
                        [](const Json& each) { return each["record"] == "test.accuracy"; });
  return {{"accuracies", std::move(accuracies)}, {"others", std::move(others)}};
}

std::string text_of_selection(const CacheSelection& selection) {
  std::string text = selection.split ? *selection.split : "all splits";
  if (selection.part != CachePart::all) text += ", " + Codec<CachePart>::show(selection.part);
  return text;
}

// From selections/<stream>.csv: how many faces, and how many of them bear a label that is not theirs.
Json counts_of_selection(const std::filesystem::path& file, std::vector<std::string>& problems) {
  if (!std::filesystem::exists(file)) return Json::object();
  try {
    CsvReader reader(file);
    const auto label = static_cast<std::size_t>(reader.column("label"));
    const auto given = static_cast<std::size_t>(reader.column("given"));
    std::int64_t faces = 0, changed = 0;
    for (CsvRecord record; reader.next(record); ++faces)
      changed += record.fields[label] != record.fields[given] ? 1 : 0;
    return {{"faces", faces}, {"changed", changed}};
  } catch (const std::exception& error) {
    problems.emplace_back(error.what());
    return Json::object();
  }
}

Json data_json(const Pipeline& pipeline, const std::filesystem::path& directory, std::vector<std::string>& problems) {
  Json rows = Json::array();
  for (const StreamPlan& stream : pipeline.streams) {
    if (stream.nodes.empty()) continue;
    const std::vector<CacheSelection> selections = selections_of(stream.nodes.front());
    for (std::size_t i = 0; i < selections.size(); ++i) {
      const CacheSelection& selection = selections[i];
      Json row = {{"stream", stream.name}, {"cache", selection.cache.string()}, {"part", text_of_selection(selection)}};
      const std::string name = stream.name + (selections.size() > 1 ? "-" + std::to_string(i + 1) : "");
      row.update(counts_of_selection(directory / "selections" / (name + ".csv"), problems));
      if (!row.contains("faces")) {
        try {
          const FaceCache cache(selection.cache);
          row["faces"] = select_faces(cache, selection).faces.size();
          row["changed"] = 0;
        } catch (const std::exception&) {
          // The run may be looked at elsewhere than where its faces are.
        }
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Json timing_json(const RunTiming& timing) {
  if (timing.empty()) return nullptr;
  Json nodes = Json::array();
  for (const NodeTime& each : timing.nodes)
    if (each.calls > 0)
      nodes.push_back({{"node", each.node}, {"kind", each.kind}, {"calls", each.calls}, {"seconds", each.seconds}});
  return {{"seconds", timing.seconds},
          {"starts", timing.starts},
          {"waiting_for_data", timing.shares.waiting_for_data},
          {"step", timing.shares.step},
          {"epoch_sections", timing.shares.epoch_sections},
          {"waiting_for", timing.shares.waiting_for},
          {"nodes", std::move(nodes)}};
}

Json voids_json(const std::filesystem::path& file, std::vector<std::string>& problems) {
  if (!std::filesystem::exists(file)) return nullptr;
  std::map<std::string, std::int64_t> reasons;
  Json rows = Json::array();
  std::int64_t count = 0;
  try {
    CsvReader reader(file);
    const auto stream = static_cast<std::size_t>(reader.column("stream"));
    const auto name = static_cast<std::size_t>(reader.column("name"));
    const auto reason = static_cast<std::size_t>(reader.column("reason"));
    for (CsvRecord record; reader.next(record); ++count) {
      ++reasons[std::string(record.fields[reason])];
      if (rows.size() < void_rows_shown)
        rows.push_back({record.fields[stream], record.fields[name], record.fields[reason]});
    }
  } catch (const std::exception& error) {
    problems.emplace_back(error.what());
  }
  return {{"count", count}, {"reasons", reasons}, {"rows", std::move(rows)}};
}

void flatten(const std::string& where, const Json& json, Json& rows) {
  for (const auto& [key, value] : json.items()) {
    const std::string place = where.empty() ? key : where + " · " + key;
    if (value.is_object())
      flatten(place, value, rows);
    else
      rows.push_back({place, value.is_string() ? value.get<std::string>() : value.dump()});
  }
}

Json provenance_json(const std::filesystem::path& file) {
  const Json json = Json::parse(plain_text(file), nullptr, /*allow_exceptions=*/false);
  Json rows = Json::array();
  if (!json.is_object()) return rows;
  Json shown = json;
  // The settings of caches are long, and `fergraph cache info` tells them.
  shown.erase("cache_settings");
  shown.erase("format");
  flatten("", shown, rows);
  return rows;
}

Json commands_json(const std::string& directory, bool trains) {
  const auto quoted = [&](const std::string& path) {
    const bool plain = path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:") ==
                       std::string::npos;
    std::string text;
    for (const char c : path) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return plain ? path : "'" + text + "'";
  };
  Json lines = Json::array();
  const Json provenance = Json::parse(plain_text(std::filesystem::path(directory) / "provenance.json"), nullptr, false);
  std::string seed;
  if (provenance.is_object() && provenance.contains("seed")) seed = " --seed " + provenance["seed"].dump();
  lines.push_back(
      {{"what", "Repeat the run"}, {"line", "fergraph run " + quoted(directory + "/pipeline.yaml") + seed}});
  if (!trains) return lines;
  lines.push_back({{"what", "Go on after an interruption"}, {"line", "fergraph run --resume " + quoted(directory)}});
  lines.push_back(
      {{"what", "Score it on other data"}, {"line", "fergraph evaluate " + quoted(directory) + " --data FILE"}});
  lines.push_back({{"what", "Use it on photographs"}, {"line", "fergraph predict " + quoted(directory) + " IMAGES"}});
  lines.push_back({{"what", "Make this page again"}, {"line", "fergraph report " + quoted(directory)}});
  return lines;
}

}  // namespace

ReportedRun open_run(const std::filesystem::path& directory, const Registry& registry) {
  ReportedRun run;
  run.directory = directory;
  const std::filesystem::path file = directory / "pipeline.yaml";
  if (!std::filesystem::exists(file))
    throw RunError("'" + directory.string() + "' holds no run: it has no 'pipeline.yaml'. Check the path.");
  try {
    run.pipeline = check_pipeline(load_document({file, {}, {}}), registry);
  } catch (const PipelineError& error) {
    const std::string all = error.what();
    run.problems.push_back("The run's pipeline is not drawn, for this version does not understand its file: " +
                           all.substr(0, all.find('\n')) + " `fergraph check` lists all that is wrong with it.");
  }
  run.timing = read_timing(directory / "timing.json");
  return run;
}

std::vector<std::string> class_names_of(const ReportedRun& run) {
  if (!run.pipeline) return {};
  if (auto known = trained_faces(run.directory, *run.pipeline).classes; !known.empty()) return known;
  const Tree* params = run.pipeline->params();
  std::vector<std::string> numbered;
  const Tree* count = params ? params->find("classes") : nullptr;
  if (count && count->is_scalar() && count->text.size() <= 4 &&
      count->text.find_first_not_of("0123456789") == std::string::npos)
    for (int c = 0, end = std::stoi("0" + count->text); c < end; ++c)
      numbered.push_back("class " + std::to_string(c + 1));
  return numbered;
}

Json report_data(ReportedRun& run) {
  const RunRecords records = read_records(run.directory / "metrics.jsonl");
  const bool trains = run.pipeline ? run.pipeline->trains() : !records.steps.empty();
  const Json provenance = Json::parse(plain_text(run.directory / "provenance.json"), nullptr, false);
  Json about = {{"directory", run.directory.lexically_normal().string()}, {"trains", trains}};
  if (run.pipeline) {
    about["name"] = run.pipeline->name;
    about["doc"] = run.pipeline->doc;
    about["epochs"] = run.pipeline->epochs;
    if (const Tree* params = run.pipeline->params())
      for (const char* name : {"backbone", "batch_labeled", "batch_unlabeled"})
        if (const Tree* value = params->find(name); value && value->is_scalar()) about[name] = value->text;
  }
  if (provenance.is_object() && !run.pipeline && provenance.contains("pipeline"))
    about["name"] = provenance["pipeline"];
  if (provenance.is_object())
    for (const char* key : {"seed", "started", "device", "file"})
      if (provenance.contains(key)) about[key] = provenance[key];
  Json data;
  data["run"] = std::move(about);
  data["classes"] = class_names_of(run);
  data["headline"] = headline_json(records);
  data["data"] = run.pipeline ? data_json(*run.pipeline, run.directory, run.problems) : Json::array();
  data["records"] = records_json(records);
  data["predictions"] = report_samples(run.directory, run.problems);
  if (data["classes"].empty() && !data["predictions"].empty()) data["classes"] = data["predictions"][0]["classes"];
  data["timing"] = timing_json(run.timing);
  data["voids"] = voids_json(run.directory / "voids.csv", run.problems);
  data["provenance"] = provenance_json(run.directory / "provenance.json");
  data["pipeline_text"] = plain_text(run.directory / "pipeline.yaml");
  data["commands"] = commands_json(run.directory.lexically_normal().string(), trains);
  data["problems"] = run.problems;
  return data;
}

}  // namespace fergraph
