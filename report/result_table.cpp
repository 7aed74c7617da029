#include "report/result_table.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace fergraph {
namespace {

std::vector<std::string> group_of(const std::vector<std::string>& names) { return {names.begin(), names.end() - 1}; }

std::string joined(const std::vector<std::string>& names, const std::string& between) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
  return text;
}

bool has_runs(const ResultTable& table, std::size_t row) {
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (table.cell(row, c).is_run) return true;
  return false;
}

bool has_paper(const ResultTable& table, std::size_t row) {
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (table.cell(row, c).paper) return true;
  return false;
}

TableLine::Cell measured(const ResultCell& cell) {
  TableLine::Cell out;
  out.spread = spread_of(cell.values);
  out.smaller_is_better = cell.smaller_is_better;
  if (!cell.is_run) return out;
  if (out.spread.n == 0) {
    out.remark = cell.failed > 0 ? "failed" : "not run";
    return out;
  }
  if (out.spread.n < cell.wanted) out.remark = std::to_string(out.spread.n) + " of " + std::to_string(cell.wanted);
  if (cell.paper) out.difference = out.spread.mean - cell.paper->mean;
  return out;
}

// Marks the best mean of each column, where two lines of the group or more have one. There is none among an accuracy
// and an error.
void mark_best(std::vector<TableLine>& lines, std::size_t begin, std::size_t columns) {
  for (std::size_t c = 0; c < columns; ++c) {
    std::vector<TableLine::Cell*> cells;
    for (std::size_t i = begin; i < lines.size(); ++i)
      if (lines[i].kind == TableLine::Kind::measured && lines[i].cells[c].spread.n > 0)
        cells.push_back(&lines[i].cells[c]);
    if (cells.size() < 2) continue;
    const bool smaller = cells.front()->smaller_is_better;
    if (std::any_of(cells.begin(), cells.end(),
                    [&](const TableLine::Cell* each) { return each->smaller_is_better != smaller; }))
      continue;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double best = smaller ? infinity : -infinity;
    for (const TableLine::Cell* each : cells)
      best = smaller ? std::min(best, each->spread.mean) : std::max(best, each->spread.mean);
    for (TableLine::Cell* each : cells) each->best = each->spread.mean == best;
  }
}

// What the bold numbers are; nothing where there are none.
std::string meaning_of_bold(const ResultTable& table) {
  bool larger = false, smaller = false, groups = false;
  for (const TableLine& line : lines_of(table)) {
    groups = groups || line.kind == TableLine::Kind::group;
    for (const TableLine::Cell& cell : line.cells)
      if (cell.best) (cell.smaller_is_better ? smaller : larger) = true;
  }
  if (!larger && !smaller) return {};
  std::string text = std::string(" In bold: the ") + (larger ? "largest" : "smallest") +
                     " measured mean of each column" + (groups ? " and group" : "");
  if (!larger || !smaller) return text + ".";
  std::set<std::string> records;
  for (const ResultCell& cell : table.cells)
    if (cell.is_run && cell.smaller_is_better) records.insert(cell.record);
  return text + ", of " + joined({records.begin(), records.end()}, " and ") + " the smallest.";
}

}  // namespace

bool is_smaller_better(const std::string& record) {
  return record.ends_with("calibration_error") || record == "loss" || record.starts_with("loss.") ||
         record.find(".loss") != std::string::npos;
}

std::optional<double> picked(const Pick& pick, const std::string& record, const std::vector<double>& by_epoch) {
  if (pick.kind != Pick::Kind::best || !is_smaller_better(record)) return pick.of(by_epoch);
  std::vector<double> turned = by_epoch;
  for (double& value : turned) value = -value;
  const std::optional<double> largest = pick.of(turned);
  return largest ? std::optional<double>(-*largest) : std::nullopt;
}

std::vector<TableLine> lines_of(const ResultTable& table) {
  std::vector<TableLine> lines;
  std::vector<std::string> group;
  std::size_t begin = 0;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    if (const auto own = group_of(table.rows[r]); own != group) {
      mark_best(lines, begin, table.columns.size());
      group = own;
      begin = lines.size();
      if (!group.empty()) lines.push_back({TableLine::Kind::group, joined(group, ", "), {}});
    }
    const std::string& name = table.rows[r].back();
    const bool runs = has_runs(table, r);
    if (runs) {
      TableLine line{TableLine::Kind::measured, name, {}};
      for (std::size_t c = 0; c < table.columns.size(); ++c) line.cells.push_back(measured(table.cell(r, c)));
      lines.push_back(std::move(line));
    }
    if (has_paper(table, r)) {
      TableLine line{TableLine::Kind::paper, name + ", paper", {}};
      for (std::size_t c = 0; c < table.columns.size(); ++c) {
        TableLine::Cell cell;
        if (const auto& paper = table.cell(r, c).paper) cell.spread = {1, paper->mean, paper->deviation};
        line.cells.push_back(std::move(cell));
      }
      lines.push_back(std::move(line));
    }
  }
  mark_best(lines, begin, table.columns.size());
  return lines;
}

std::string description_of(const ResultTable& table) {
  std::set<std::size_t> seeds;
  std::set<std::string> picks;
  std::set<std::string> records;
  bool differs = false, partly = false, papers = false, short_runs = false;
  for (const ResultCell& cell : table.cells) {
    papers = papers || cell.paper;
    if (!cell.is_run) continue;
    seeds.insert(cell.wanted);
    if (!cell.by_pick.empty() || cell.values.empty()) picks.insert(cell.pick.described());
    short_runs = short_runs ||
                 (cell.pick.kind == Pick::Kind::mean && cell.fewest_epochs > 0 && cell.fewest_epochs < cell.pick.count);
    records.insert(cell.record);
    differs = differs || (cell.paper && !cell.values.empty());
    partly = partly || (!cell.values.empty() && cell.values.size() < cell.wanted);
  }
  std::string text;
  if (!records.empty()) text += joined({records.begin(), records.end()}, ", ") + (table.percent ? " in percent" : "");
  if (seeds.size() == 1 && *seeds.begin() == 1) text += " of one seed";
  if (!seeds.empty() && *seeds.rbegin() > 1)
    text += ", mean ± sample standard deviation over " +
            (seeds.size() == 1 ? "n = " + std::to_string(*seeds.begin())
                               : std::to_string(*seeds.begin()) + " to " + std::to_string(*seeds.rbegin())) +
            " seeds";
  // A mean stands last among them, which is what the parentheses are about.
  if (!picks.empty()) text += "; of each run " + joined({picks.begin(), picks.end()}, " or ");
  if (short_runs) text += " (of all, where there are fewer)";
  if (!text.empty()) text += ".";
  text += meaning_of_bold(table);
  if (differs) text += " In parentheses: the difference to the paper's mean.";
  if (partly) text += " In brackets: how many of the seeds are finished.";
  if (papers && records.empty()) text += "The paper's numbers" + std::string(table.percent ? ", in percent." : ".");
  return text;
}

}  // namespace fergraph
