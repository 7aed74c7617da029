// The table that a sweep ends in: means and deviations over seeds beside a paper's numbers, as Markdown, CSV and LaTeX.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/statistics.hpp"
#include "report/sweep_file.hpp"

namespace fergraph {

/// Whether of two values of a record the smaller is the better one: of calibration errors and losses, by the record's
/// name.
bool is_smaller_better(const std::string& record);
/// The number of a run from the record's values by epoch, as Pick::of gives it; but the best is the smallest where the
/// smaller is better.
std::optional<double> picked(const Pick& pick, const std::string& record, const std::vector<double>& by_epoch);

/// What the runs of one cell gave, in the table's unit (percent where the sweep says so).
struct ResultCell {
  bool is_run = false;             // false: the table has nothing but the paper's number here, or nothing at all
  std::string record;              // whose values these are
  bool smaller_is_better = false;  // of that record
  Pick pick;
  std::size_t wanted = 0;                              // seeds
  std::size_t failed = 0;                              // runs that ended with an error
  std::size_t fewest_epochs = 0;                       // of a finished run; 0 where there is none
  std::vector<double> values;                          // one per finished run, by the cell's pick
  std::map<std::string, std::vector<double>> by_pick;  // the same by "best", "last" and "mean5", where there are epochs
  std::optional<PaperNumber> paper;
};

struct ResultTable {
  std::string name;
  std::string doc;
  bool percent = true;
  int digits = 2;
  std::vector<std::vector<std::string>> columns;  // each by the names of its groups and its own
  std::vector<std::vector<std::string>> rows;
  std::vector<ResultCell> cells;  // row by row

  const ResultCell& cell(std::size_t row, std::size_t column) const { return cells[row * columns.size() + column]; }
};

/// One line of a table, the same for every form of it.
struct TableLine {
  struct Cell {
    Spread spread;                     // n = 0: nothing was measured
    std::optional<double> difference;  // to the paper's mean
    bool smaller_is_better = false;    // of the record that was measured
    bool best = false;                 // the best mean of its column within its group
    std::string remark;                // "3 of 5", "failed", "not run"
  };
  enum class Kind { group, measured, paper };
  Kind kind = Kind::measured;
  std::string label;
  std::vector<Cell> cells;  // none in a group's line
};
/// Each group of rows has a line of its own; a row has one for what was measured and one for the paper's numbers, where
/// it has any.
std::vector<TableLine> lines_of(const ResultTable& table);

/// What the numbers are: unit, seeds, epochs, what is in bold and in parentheses, in sentences.
std::string description_of(const ResultTable& table);

/// A heading, the table with its columns padded (so that it reads well in a terminal too), and the description.
std::string markdown_of(const ResultTable& table);
/// Long form, one line per cell, with the mean and deviation by best, last and mean of five side by side.
std::string csv_of(const ResultTable& table);
/// A `table` for LaTeX's package booktabs; everything that LaTeX would read as a command is escaped.
std::string latex_of(const ResultTable& table);

/// A text for LaTeX: its special characters escaped, and the signs of tables (±, †, ✓, λ, ...) as commands.
std::string latex_text(const std::string& text);

}  // namespace fergraph
