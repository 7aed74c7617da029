#include "report/predictions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "datasets/csv.hpp"
#include "nodes/target/table.hpp"
#include "report/npy_file.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

template <class Number>
void append(std::string& text, Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), end);
}

void append_at(std::string& text, const NumericArray& values, std::size_t i) {
  if (i >= values.size()) return;
  if (values.is_integer())
    append(text, std::get<1>(values.values)[i]);
  else
    append(text, static_cast<float>(std::get<0>(values.values)[i]));
}

// Of those whose class is known, the share that is predicted right; nothing where none is known.
std::optional<double> share_right(const torch::Tensor& predicted, const std::vector<std::int64_t>& classes) {
  std::int64_t known = 0, right = 0;
  const std::int64_t* answers = predicted.data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    known += classes[i] >= 0 ? 1 : 0;
    right += classes[i] >= 0 && classes[i] == answers[i] ? 1 : 0;
  }
  return known == 0 ? std::nullopt : std::optional(static_cast<double>(right) / static_cast<double>(known));
}

nlohmann::ordered_json json_of(double number) {
  return std::isfinite(number) ? nlohmann::ordered_json(number) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json json_of(const NumericArray& numbers) {
  const auto number = [&](std::size_t i) -> nlohmann::ordered_json {
    return numbers.is_integer() ? nlohmann::ordered_json(std::get<1>(numbers.values)[i]) : json_of(numbers.at(i));
  };
  if (numbers.shape.empty()) return number(0);
  const auto columns = static_cast<std::size_t>(numbers.shape.back());
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t at = 0; at < numbers.size(); at += columns) {
    nlohmann::ordered_json row = nlohmann::ordered_json::array();
    for (std::size_t c = 0; c < columns; ++c) row.push_back(number(at + c));
    if (numbers.shape.size() == 1) return row;
    rows.push_back(std::move(row));
  }
  return rows;
}

// The tables with one number per sample of the stream.
std::vector<SampleColumn> tables_of(Run& run, const std::string& stream) {
  std::vector<SampleColumn> columns;
  for (const StatePlan& plan : run.pipeline().states) {
    if (plan.type->name != Table::kind_name) continue;
    const auto& axes = static_cast<const Table::Params*>(plan.parameters.get())->axes;
    if (axes.size() != 1 || axes.front().text != stream) continue;
    if (const auto numbers = run.state(plan.name)->numbers()) columns.push_back({plan.name, *numbers});
  }
  return columns;
}

}  // namespace

std::string predictions_csv(const Evaluation& evaluation, const std::vector<SampleColumn>& columns) {
  std::vector<std::string> names, caches;
  for (const std::string& name : evaluation.class_names) names.push_back(csv_field(name));
  const EvaluatedFaces& faces = evaluation.faces;
  for (const std::string& cache : faces.caches) caches.push_back(csv_field(cache));
  std::string text = "index,id,cache,face,given,true,predicted,confidence";
  const auto add = [&text](const std::string& cell) {
    text += ',';
    text += cell;
  };
  for (const std::string& name : evaluation.class_names) add(csv_field("p_" + name));
  for (const SampleColumn& column : columns) add(csv_field(column.name));
  text += '\n';
  const auto class_of = [&](std::int64_t label) {
    return label >= 0 && label < static_cast<std::int64_t>(names.size()) ? names[static_cast<std::size_t>(label)] : "";
  };
  const torch::Tensor probs = evaluation.probs.to(torch::kFloat32).contiguous();
  const auto classes = static_cast<std::size_t>(probs.size(1));
  const float* row = probs.data_ptr<float>();
  for (std::size_t i = 0; i < faces.index.size(); ++i, row += classes) {
    append(text, faces.index[i]);
    add(csv_field(faces.ids[i]));
    add(faces.cache[i] >= 0 ? caches[static_cast<std::size_t>(faces.cache[i])] : "");
    text += ',';
    if (faces.face[i] >= 0) append(text, faces.face[i]);
    const std::int64_t predicted = std::max_element(row, row + classes) - row;
    for (const std::int64_t label : {faces.given[i], faces.actual[i], static_cast<std::int64_t>(predicted)})
      add(class_of(label));
    text += ',';
    append(text, row[predicted]);
    for (std::size_t c = 0; c < classes; ++c) {
      text += ',';
      append(text, row[c]);
    }
    for (const SampleColumn& column : columns) {
      text += ',';
      append_at(text, column.values, static_cast<std::size_t>(faces.index[i]));
    }
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json summary_json(const Evaluation& evaluation) {
  nlohmann::ordered_json json = {{"format", 1},
                                 {"name", evaluation.name},
                                 {"data", evaluation.data},
                                 {"checkpoint", evaluation.checkpoint},
                                 {"networks", evaluation.networks},
                                 {"classes", evaluation.class_names},
                                 {"n", evaluation.size()},
                                 {"unreadable", evaluation.voids}};
  for (const auto& [name, numbers] : evaluation.measured) json[name] = json_of(numbers);
  if (evaluation.faces.given != evaluation.faces.actual)
    if (const auto share = share_right(evaluation.probs.argmax(1), evaluation.faces.actual))
      json["true_accuracy"] = *share;
  for (const auto& [name, numbers] : evaluation.records) json["records"][name] = json_of(numbers);
  json["warnings"] = evaluation.warnings;
  return json;
}

void write_predictions(const std::filesystem::path& run_directory, const Evaluation& evaluation, KeepFeatures features,
                       const std::vector<SampleColumn>& columns) {
  const std::filesystem::path folder = run_directory / "predictions";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw RunError("The folder '" + folder.string() + "' cannot be made: " + error.message() + ".");
  if (features == KeepFeatures::yes && evaluation.features.defined())
    write_npy(folder / (evaluation.name + ".features.npy"), evaluation.features);
  write_whole(folder / (evaluation.name + ".csv"), predictions_csv(evaluation, columns));
  write_whole(folder / (evaluation.name + ".json"),
              summary_json(evaluation).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void leave_predictions(Run& run, const std::filesystem::path& run_directory, const Registry& registry,
                       const EvaluationOptions& options) {
  const Pipeline& pipeline = run.pipeline();
  if (std::none_of(pipeline.records.begin(), pipeline.records.end(),
                   [](const RecordPlan& record) { return record.name.starts_with("test."); }))
    return;
  const EvaluatedRun evaluated(run_directory, registry);
  const SavedStates states = states_of(run);
  MeasuredFaces what;
  const Evaluation tested = evaluated.evaluate(what, states, options);
  write_predictions(run_directory, tested, KeepFeatures::yes);
  for (const int each : streams_of_step(pipeline)) {
    const StreamPlan& stream = pipeline.streams[static_cast<std::size_t>(each)];
    const std::vector<SampleColumn> columns = tables_of(run, stream.name);
    if (!stream.batch || (!gives_labels(stream) && columns.empty())) continue;
    what.name = what.faces.stream = stream.name;
    write_predictions(run_directory, evaluated.evaluate(what, states, options), KeepFeatures::no, columns);
  }
}

}  // namespace fergraph
