// The three forms of a result table.
#include <algorithm>
#include <array>
#include <cstdio>

#include "datasets/csv.hpp"
#include "report/result_table.hpp"

namespace fergraph {
namespace {

std::string fixed(double value, int digits, bool sign = false) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), sign ? "%+.*f" : "%.*f", digits, value);
  return text.data();
}

std::string joined(const std::vector<std::string>& names, const std::string& between) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
  return text;
}

// How many columns of a terminal a text takes, where every character takes one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string markdown_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '\\' || c == '`' || c == '<' || c == '_') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string markdown_cell(const TableLine::Cell& cell, int digits) {
  if (cell.spread.n == 0) return cell.remark;
  std::string text = fixed(cell.spread.mean, digits);
  if (cell.spread.deviation) text += " ± " + fixed(*cell.spread.deviation, digits);
  if (cell.best) text = "**" + text + "**";
  if (cell.difference) text += " (" + fixed(*cell.difference, digits, true) + ")";
  if (!cell.remark.empty()) text += " [" + cell.remark + "]";
  return text;
}

std::string latex_cell(const TableLine::Cell& cell, int digits) {
  if (cell.spread.n == 0) return cell.remark.empty() ? "--" : "\\textit{" + cell.remark + "}";
  std::string text = fixed(cell.spread.mean, digits);
  if (cell.best) text = "\\mathbf{" + text + "}";
  if (cell.spread.deviation) text += " \\pm " + fixed(*cell.spread.deviation, digits);
  if (cell.difference) text += "\\ (" + fixed(*cell.difference, digits, true) + ")";
  text = "$" + text + "$";
  if (!cell.remark.empty()) text += " [" + cell.remark + "]";
  return text;
}

// The header of grouped columns, level by level, with rules below the groups.
std::string latex_header(const ResultTable& table) {
  std::size_t levels = 1;
  for (const auto& names : table.columns) levels = std::max(levels, names.size());
  std::string text;
  for (std::size_t level = 0; level < levels; ++level) {
    std::string line, rules;
    for (std::size_t c = 0; c < table.columns.size();) {
      const auto& names = table.columns[c];
      // A column of few levels stands in the lowest of them.
      const std::size_t offset = levels - names.size();
      std::size_t span = 1;
      if (level < offset) {
        line += " & ";
        ++c;
        continue;
      }
      const bool group = level + 1 < levels;
      const auto same = [&](std::size_t other) {
        const auto& more = table.columns[other];
        return more.size() == names.size() &&
               std::equal(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(level - offset) + 1, more.begin());
      };
      while (group && c + span < table.columns.size() && same(c + span)) ++span;
      const std::string name = latex_text(names[level - offset]);
      line += span == 1 && !group ? " & " + name : " & \\multicolumn{" + std::to_string(span) + "}{c}{" + name + "}";
      if (group) rules += "\\cmidrule(lr){" + std::to_string(c + 2) + "-" + std::to_string(c + 1 + span) + "}";
      c += span;
    }
    text += line + " \\\\\n" + (rules.empty() ? "" : rules + "\n");
  }
  return text;
}

}  // namespace

std::string markdown_of(const ResultTable& table) {
  std::vector<std::vector<std::string>> rows;
  rows.push_back({""});
  for (const auto& names : table.columns) rows.back().push_back(markdown_text(joined(names, ", ")));
  for (const TableLine& line : lines_of(table)) {
    const std::string label = markdown_text(line.label);
    rows.push_back({line.kind == TableLine::Kind::group ? "**" + label + "**" : label});
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      rows.back().push_back(line.cells.empty() ? "" : markdown_cell(line.cells[c], table.digits));
  }
  std::vector<std::size_t> widths(table.columns.size() + 1, 3);
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string text = "## " + markdown_text(table.name) + "\n\n";
  if (!table.doc.empty()) text += markdown_text(table.doc) + "\n\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    text += "|";
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const std::string space(widths[c] - width_of(rows[r][c]), ' ');
      text += " " + (c == 0 ? rows[r][c] + space : space + rows[r][c]) + " |";
    }
    text += "\n";
    if (r > 0) continue;
    text += "|";
    for (std::size_t c = 0; c < widths.size(); ++c)
      text += c == 0 ? ":" + std::string(widths[c] + 1, '-') + "|" : std::string(widths[c] + 1, '-') + ":|";
    text += "\n";
  }
  const std::string description = description_of(table);
  return text + (description.empty() ? "" : "\n" + markdown_text(description) + "\n");
}

std::string csv_of(const ResultTable& table) {
  const std::vector<std::string> picks = {"best", "last", "mean5"};
  std::string text = "row_group,row,column_group,column,record,pick,seeds,n,failed,mean,std";
  for (const std::string& pick : picks) text += "," + pick + "_mean," + pick + "_std";
  text += ",paper_mean,paper_std,difference,values\n";
  // More digits than are shown: the file is for machines.
  const auto number = [](double value) {
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%.6g", value);
    return std::string(out.data());
  };
  const auto spread = [&](const std::vector<double>& values) {
    const Spread all = spread_of(values);
    return (all.n > 0 ? number(all.mean) : "") + "," + (all.deviation ? number(*all.deviation) : "");
  };
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const ResultCell& cell = table.cell(r, c);
      if (!cell.is_run && !cell.paper) continue;
      const auto names = [&](const std::vector<std::string>& all) {
        return csv_field(joined({all.begin(), all.end() - 1}, " / ")) + "," + csv_field(all.back());
      };
      text += names(table.rows[r]) + "," + names(table.columns[c]) + ",";
      if (cell.is_run)
        text += csv_field(cell.record) + "," + cell.pick.word() + "," + std::to_string(cell.wanted) + "," +
                std::to_string(cell.values.size()) + "," + std::to_string(cell.failed) + ",";
      else
        text += ",,,,,";
      text += spread(cell.values);
      for (const std::string& pick : picks) {
        const auto found = cell.by_pick.find(pick);
        text += "," + spread(found == cell.by_pick.end() ? std::vector<double>{} : found->second);
      }
      text += "," + (cell.paper ? number(cell.paper->mean) : "") + "," +
              (cell.paper && cell.paper->deviation ? number(*cell.paper->deviation) : "") + ",";
      if (cell.paper && !cell.values.empty()) text += number(spread_of(cell.values).mean - cell.paper->mean);
      text += ",";
      for (std::size_t i = 0; i < cell.values.size(); ++i) text += (i > 0 ? " " : "") + number(cell.values[i]);
      text += "\n";
    }
  }
  return text;
}

std::string latex_text(const std::string& text) {
  static const std::vector<std::pair<std::string, std::string>> signs = {{"\\", "\\textbackslash{}"},
                                                                         {"{", "\\{"},
                                                                         {"}", "\\}"},
                                                                         {"$", "\\$"},
                                                                         {"&", "\\&"},
                                                                         {"#", "\\#"},
                                                                         {"%", "\\%"},
                                                                         {"_", "\\_"},
                                                                         {"~", "\\textasciitilde{}"},
                                                                         {"^", "\\textasciicircum{}"},
                                                                         {"<", "$<$"},
                                                                         {">", "$>$"},
                                                                         {"±", "$\\pm$"},
                                                                         {"×", "$\\times$"},
                                                                         {"−", "$-$"},
                                                                         {"–", "--"},
                                                                         {"†", "\\dag{}"},
                                                                         {"‡", "\\ddag{}"},
                                                                         {"✓", "$\\surd$"},
                                                                         {"≥", "$\\geq$"},
                                                                         {"≤", "$\\leq$"},
                                                                         {"→", "$\\to$"},
                                                                         {"↔", "$\\leftrightarrow$"},
                                                                         {"α", "$\\alpha$"},
                                                                         {"β", "$\\beta$"},
                                                                         {"γ", "$\\gamma$"},
                                                                         {"δ", "$\\delta$"},
                                                                         {"λ", "$\\lambda$"},
                                                                         {"μ", "$\\mu$"},
                                                                         {"τ", "$\\tau$"},
                                                                         {"φ", "$\\varphi$"},
                                                                         {"ω", "$\\omega$"},
                                                                         {"\n", " "}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto found = std::find_if(signs.begin(), signs.end(), [&](const auto& sign) {
      return text.compare(i, sign.first.size(), sign.first) == 0;
    });
    out += found == signs.end() ? text.substr(i, 1) : found->second;
    i += found == signs.end() ? 1 : found->first.size();
  }
  return out;
}

std::string latex_of(const ResultTable& table) {
  std::string caption = table.doc.empty() ? table.name : table.doc;
  if (caption.find_last_of(".!?") != caption.size() - 1) caption += ".";
  std::string text = "% Needs \\usepackage{booktabs}.\n\\begin{table}\n\\centering\n\\caption{" + latex_text(caption) +
                     " " + latex_text(description_of(table)) + "}\n\\label{tab:" + table.name +
                     "}\n\\begin{tabular}{l" + std::string(table.columns.size(), 'r') + "}\n\\toprule\n" +
                     latex_header(table) + "\\midrule\n";
  bool first = true;
  for (const TableLine& line : lines_of(table)) {
    if (line.kind == TableLine::Kind::group) {
      text += (first ? "" : "\\midrule\n") + std::string("\\multicolumn{") + std::to_string(table.columns.size() + 1) +
              "}{l}{\\textbf{" + latex_text(line.label) + "}} \\\\\n";
    } else {
      text += latex_text(line.label);
      for (const TableLine::Cell& cell : line.cells) text += " & " + latex_cell(cell, table.digits);
      text += " \\\\\n";
    }
    first = false;
  }
  return text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
}

}  // namespace fergraph
