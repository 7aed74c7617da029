#include "cli/sweep_results.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "cli/sweep_folder.hpp"
#include "graph/document.hpp"
#include "report/epoch_records.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

// Reading a run's metrics once for all cells that it stands behind.
class Runs {
 public:
  explicit Runs(const SweepPlan& plan) : plan_(plan), states_(plan.runs.size()) {
    for (std::size_t i = 0; i < plan.runs.size(); ++i) states_[i] = state_of(plan.runs[i].directory);
  }

  RunState state(std::size_t run) const { return states_[run]; }

  const std::map<std::string, std::vector<double>>& records(std::size_t run) {
    const auto [found, fresh] = records_.try_emplace(run);
    if (fresh) found->second = epoch_records(plan_.runs[run].directory);
    return found->second;
  }

 private:
  const SweepPlan& plan_;
  std::vector<RunState> states_;
  std::map<std::size_t, std::map<std::string, std::vector<double>>> records_;
};

std::optional<double> evaluated(const SweepRun& run, const SweepPart& part) {
  SweepEvaluation evaluation = *part.evaluate;
  evaluation.checkpoint = part.pick->word();
  std::ifstream in(run.directory / "predictions" / (evaluation.result() + ".json"));
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains(*part.value) || !json[*part.value].is_number()) return std::nullopt;
  return json[*part.value].get<double>();
}

ResultCell cell_of(const SweepPlan& plan, std::size_t index, Runs& runs) {
  const SweepCell& cell = plan.sweep.cells[index];
  const double scale = plan.sweep.percent ? 100 : 1;
  ResultCell out;
  out.is_run = cell.is_run();
  out.paper = cell.paper;
  if (!out.is_run) return out;
  out.record = *cell.part.value;
  out.smaller_is_better = is_smaller_better(out.record);
  if (cell.part.evaluate) out.record += " on " + cell.part.evaluate->name;
  out.pick = *cell.part.pick;
  out.wanted = plan.of_cell[index].size();
  for (const std::size_t run : plan.of_cell[index]) {
    if (runs.state(run) == RunState::failed) ++out.failed;
    if (runs.state(run) != RunState::finished) continue;
    if (cell.part.evaluate) {
      if (const auto value = evaluated(plan.runs[run], cell.part)) out.values.push_back(scale * *value);
      continue;
    }
    const auto& records = runs.records(run);
    const auto found = records.find(out.record);
    if (found == records.end()) {
      ++out.failed;
      continue;
    }
    const std::vector<double>& epochs = found->second;
    out.fewest_epochs = out.values.empty() ? epochs.size() : std::min(out.fewest_epochs, epochs.size());
    out.values.push_back(scale * picked(out.pick, out.record, epochs).value());
    for (const char* word : {"best", "last", "mean5"})
      out.by_pick[word].push_back(scale * picked(*Pick::parse(word), out.record, epochs).value());
  }
  return out;
}

ResultTable collect(const SweepPlan& plan, Runs& runs) {
  ResultTable table;
  table.name = plan.sweep.name;
  table.doc = plan.sweep.doc;
  table.percent = plan.sweep.percent;
  table.digits = plan.sweep.digits;
  for (const SweepHeading& each : plan.sweep.columns) table.columns.push_back(each.names);
  for (const SweepHeading& each : plan.sweep.rows) table.rows.push_back(each.names);
  for (std::size_t i = 0; i < plan.sweep.cells.size(); ++i) table.cells.push_back(cell_of(plan, i, runs));
  return table;
}

std::string index_text(const SweepPlan& plan, const Runs& runs) {
  nlohmann::ordered_json cells = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < plan.sweep.cells.size(); ++i) {
    const SweepCell& cell = plan.sweep.cells[i];
    if (!cell.is_run()) continue;
    nlohmann::ordered_json seeds = nlohmann::ordered_json::array();
    for (const std::size_t run : plan.of_cell[i])
      seeds.push_back({{"seed", plan.runs[run].seed},
                       {"run", plan.runs[run].directory.string()},
                       {"state", state_name(runs.state(run))}});
    nlohmann::ordered_json set = nlohmann::ordered_json::array();
    for (const SweepSetting& each : cell.part.set) set.push_back(each.name + "=" + each.value.flow());
    cells.push_back({{"row", plan.sweep.rows[cell.row].text()},
                     {"column", plan.sweep.columns[cell.column].text()},
                     {"pipeline", cell.part.run->path.string()},
                     {"set", std::move(set)},
                     {"runs", std::move(seeds)}});
  }
  return nlohmann::ordered_json({{"format", 1},
                                 {"sweep", plan.sweep.name},
                                 {"file", plan.sweep.file.string()},
                                 {"cells", std::move(cells)}})
             .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "params.lr was 5e-4 and is 1e-3", of two resolved pipelines.
std::string difference_text(const std::string& before, const std::string& now) {
  std::string text;
  try {
    std::vector<Problem> problems;
    const auto all = differences(parse_yaml(before, "before", problems), parse_yaml(now, "now", problems));
    std::size_t told = 0;
    for (const Difference& each : all) {
      if (each.where == "doc") continue;
      if (++told > 3) return text + ", and more";
      text += (text.empty() ? "" : "; ") + each.where +
              (each.first.empty()    ? " is new"
               : each.second.empty() ? " is gone"
                                     : " was " + each.first + " and is " + each.second);
    }
  } catch (const PipelineError&) {
    // An older file that cannot be read any more is different enough.
  }
  return text;
}

}  // namespace

ResultTable collect_results(const SweepPlan& plan) {
  Runs runs(plan);
  return collect(plan, runs);
}

ResultTable write_results(const SweepPlan& plan, const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const std::filesystem::path lock_file = folder / ".table.lock";
  const int lock = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) throw RunError("The folder '" + folder.string() + "' cannot be written. Choose another with --out.");
  // Waits its turn, and reads what there is only then: the last to write has seen most.
  ::flock(lock, LOCK_EX);
  try {
    Runs runs(plan);
    ResultTable table = collect(plan, runs);
    const std::string base = (folder / plan.sweep.name).string();
    write_whole(base + ".md", markdown_of(table));
    write_whole(base + ".csv", csv_of(table));
    write_whole(base + ".tex", latex_of(table));
    write_whole(base + ".json", index_text(plan, runs));
    ::close(lock);
    return table;
  } catch (...) {
    ::close(lock);
    throw;
  }
}

std::vector<std::string> changed_definitions(const SweepPlan& plan, const std::filesystem::path& folder) {
  std::vector<std::string> sentences;
  const nlohmann::json index =
      nlohmann::json::parse(text_of(folder / (plan.sweep.name + ".json")), nullptr, /*allow_exceptions=*/false);
  if (!index.is_object() || !index.contains("cells") || !index["cells"].is_array()) return sentences;
  std::map<std::tuple<std::string, std::string, std::uint64_t>, std::string> before;  // by row, column and seed
  for (const auto& cell : index["cells"]) {
    if (!cell.is_object() || !cell.contains("runs") || !cell["runs"].is_array()) continue;
    for (const auto& run : cell["runs"])
      if (run.is_object())
        before[{cell.value("row", ""), cell.value("column", ""), run.value("seed", std::uint64_t{0})}] =
            run.value("run", "");
  }
  for (std::size_t i = 0; i < plan.sweep.cells.size(); ++i) {
    const SweepCell& cell = plan.sweep.cells[i];
    std::string difference;
    std::size_t changed = 0;
    for (const std::size_t index_of_run : plan.of_cell[i]) {
      const SweepRun& run = plan.runs[index_of_run];
      const auto found =
          before.find({plan.sweep.rows[cell.row].text(), plan.sweep.columns[cell.column].text(), run.seed});
      if (found == before.end() || found->second == run.directory.string() ||
          !std::filesystem::exists(std::filesystem::path(found->second) / "pipeline.yaml"))
        continue;
      if (changed++ == 0)
        difference = difference_text(text_of(std::filesystem::path(found->second) / "pipeline.yaml"), run.text);
    }
    const std::string name = plan.sweep.text(cell);
    if (changed > 0)
      sentences.push_back("'" + name + "' is no longer what its " + std::to_string(changed) +
                          (changed == 1 ? " run was" : " runs were") + " made with and is run anew" +
                          (difference.empty() ? "" : ": " + difference) + ". The old runs stay where they are.");
  }
  return sentences;
}

}  // namespace fergraph
