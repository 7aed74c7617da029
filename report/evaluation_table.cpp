#include "report/evaluation_table.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include <spdlog/fmt/fmt.h>

#include "datasets/csv.hpp"
#include "report/metrics.hpp"
#include "report/text_table.hpp"

namespace fergraph {
namespace {

struct Measure {
  const char* title;
  const char* output;  // of the node `accuracy`
};
constexpr std::array<Measure, 4> measures = {
    {{"accuracy", "accuracy"}, {"mean recall", "mean_recall"}, {"macro F1", "macro_f1"}, {"ECE", "calibration_error"}}};

std::string percent(double share) {
  if (!std::isfinite(share) || share < 0) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f %%", 100 * share);
  return text.data();
}

// The faces whose class is known.
std::int64_t count_of(const Evaluation& evaluation) {
  const auto confusion = evaluation.measured.find("confusion");
  if (confusion == evaluation.measured.end()) return evaluation.size();
  double sum = 0;
  for (std::size_t i = 0; i < confusion->second.size(); ++i) sum += confusion->second.at(i);
  return static_cast<std::int64_t>(sum);
}

// NaN for a class that no face has.
double recall_of(const Evaluation& evaluation, std::size_t of_class) {
  const auto recall = evaluation.measured.find("recall");
  if (recall == evaluation.measured.end() || of_class >= recall->second.size()) return std::nan("");
  const double share = recall->second.at(of_class);
  return share < 0 ? std::nan("") : share;
}

std::string missing_of(const Evaluation& evaluation) {
  const auto missing = evaluation.records.find("test.missing");
  return missing == evaluation.records.end() ? std::string()
                                             : std::to_string(static_cast<std::int64_t>(missing->second.at(0)));
}

std::string number_text(double number) {
  if (!std::isfinite(number)) return {};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", number);
  return text.data();
}

}  // namespace

std::string evaluation_text(const std::vector<Evaluation>& evaluations) {
  TextTable summary;
  std::vector<std::string> header = {"data", "faces"};
  bool any_missing = false;
  for (const Evaluation& each : evaluations) any_missing = any_missing || !missing_of(each).empty();
  if (any_missing) header.emplace_back("no face");
  for (const Measure& measure : measures) header.emplace_back(measure.title);
  summary.row(header);
  for (const Evaluation& each : evaluations) {
    std::vector<std::string> cells = {each.name, std::to_string(count_of(each))};
    if (any_missing) cells.push_back(missing_of(each).empty() ? "-" : missing_of(each));
    for (const Measure& measure : measures) cells.push_back(percent(each.number(measure.output)));
    summary.row(std::move(cells));
  }
  std::string text = summary.text();
  if (evaluations.empty()) return text;

  TextTable recalls;
  std::vector<std::string> classes = {"recall"};
  for (const std::string& name : evaluations.front().class_names) classes.push_back(name);
  recalls.row(classes);
  for (const Evaluation& each : evaluations) {
    std::vector<std::string> cells = {each.name};
    for (std::size_t c = 0; c < each.class_names.size(); ++c) cells.push_back(percent(recall_of(each, c)));
    recalls.row(std::move(cells));
  }
  text += '\n';
  text += recalls.text();
  for (const Evaluation& each : evaluations)
    if (const auto confusion = each.measured.find("confusion"); confusion != each.measured.end())
      text += fmt::format("\n{}\n{}", each.name, confusion_text(confusion->second, each.class_names));
  return text;
}

std::string evaluation_csv(const std::vector<Evaluation>& evaluations) {
  std::string text = "name,data,checkpoint,networks,faces,no_face,accuracy,mean_recall,macro_f1,calibration_error";
  const auto add = [&text](const std::string& cell) {
    if (!text.ends_with('\n')) text += ',';
    text += csv_field(cell);
  };
  if (!evaluations.empty())
    for (const std::string& name : evaluations.front().class_names) add("recall_" + name);
  text += '\n';
  for (const Evaluation& each : evaluations) {
    std::string networks;
    for (const std::string& name : each.networks) {
      if (!networks.empty()) networks += ' ';
      networks += name;
    }
    for (const std::string& cell :
         {each.name, each.data, each.checkpoint, networks, std::to_string(count_of(each)), missing_of(each)})
      add(cell);
    for (const Measure& measure : measures) add(number_text(each.number(measure.output)));
    for (std::size_t c = 0; c < each.class_names.size(); ++c) add(number_text(recall_of(each, c)));
    text += '\n';
  }
  return text;
}

}  // namespace fergraph
