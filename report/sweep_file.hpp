// A sweep file: the rows and columns of a table, each naming what its cells have of a pipeline (file, data, settings),
// the seeds, and the numbers that a paper gives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/tree.hpp"
#include "report/statistics.hpp"

namespace fergraph {

/// The format version of sweep files that this program reads.
inline constexpr int sweep_format_version = 1;

/// A file that a sweep names, its path completed by the sweep's folder.
struct NamedFile {
  std::filesystem::path path;
  Place place;
};

/// A setting of a pipeline, as of --set. `$seed` may still stand in the value.
struct SweepSetting {
  std::string name;
  Tree value;
  Place place;
};

/// Other data that a finished run is scored on.
struct SweepEvaluation {
  std::vector<NamedFile> data;
  std::vector<SweepSetting> set;
  std::string name;        // what the data is called; as its file where the sweep does not say
  std::string checkpoint;  // "last" or "best", by what the cell picks

  /// predictions/<result>.json of a run directory holds what it gave.
  std::string result() const { return checkpoint == "best" ? name + "-best" : name; }
  /// Whether both give the same numbers of a run.
  bool same(const SweepEvaluation& other) const;
};

/// A number as a paper prints it: in the table's unit (percent).
struct PaperNumber {
  double mean = 0;
  std::optional<double> deviation;
};

/// What one level of a sweep file (the file itself, a group, a column, a row, an `at`) says of the cells below it.
struct SweepPart {
  std::optional<NamedFile> run;
  bool runs = true;  // false where `run: ~` takes back what a level above says
  std::vector<NamedFile> data;
  std::vector<SweepSetting> set;
  std::optional<std::vector<std::uint64_t>> seeds;
  std::optional<SweepEvaluation> evaluate;
  std::optional<std::string> value;  // the record that counts
  std::optional<Pick> pick;

  /// What `over` says on top of this: files and seeds replace, data and settings are added behind.
  void add(const SweepPart& over);
};

/// A row or a column: its name behind those of the groups that it stands in.
struct SweepHeading {
  std::vector<std::string> names;
  Place place;
  SweepPart part;
  // Of rows only:
  std::vector<std::optional<PaperNumber>> paper;  // one per column, or none at all
  std::map<std::string, SweepPart> at;            // by the name of a column, or of a group of columns

  /// "10 % noise / ReSup".
  std::string text() const;
};

struct SweepCell {
  std::size_t row = 0, column = 0;
  SweepPart part;
  std::optional<PaperNumber> paper;
  bool is_run() const { return part.run && part.runs; }
};

struct Sweep {
  std::string name;
  std::string doc;
  std::filesystem::path file;
  std::vector<std::string> params;  // the names of the sweep's own parameters
  std::vector<SweepHeading> columns;
  std::vector<SweepHeading> rows;
  std::vector<SweepCell> cells;  // row by row, every column of each
  bool percent = true;           // numbers are shown times 100
  int digits = 2;

  const SweepCell& cell(std::size_t row, std::size_t column) const { return cells[row * columns.size() + column]; }
  /// "ReSup / RAF-DB", of a table with one column "ReSup".
  std::string text(const SweepCell& cell) const;
};

/// Reads a sweep file. `settings`: "name=value"; a parameter of the sweep takes the value, any other name is set in
/// every cell, last. Throws PipelineError with all that is wrong in the file itself (its cells' pipelines are checked
/// by whoever resolves them).
Sweep read_sweep(const std::filesystem::path& file, const std::vector<std::string>& settings);

}  // namespace fergraph
