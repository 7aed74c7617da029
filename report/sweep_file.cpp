#include "report/sweep_file.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

#include "report/sweep_reader.hpp"

namespace fergraph {
namespace {

const std::vector<std::string>& top_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all = {"version", "sweep", "doc", "params", "columns", "rows", "percent", "digits"};
    all.insert(all.end(), sweep_part_keys().begin(), sweep_part_keys().end());
    return all;
  }();
  return keys;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " / ") + name;
  return text;
}

void check_version(const Tree& root, SweepReader& reader) {
  const Tree* version = root.find("version");
  if (!version) return;
  int number = 0;
  const char* end = version->text.data() + version->text.size();
  const auto [stop, error] = std::from_chars(version->text.data(), end, number);
  if (error != std::errc() || stop != end || number < 1)
    reader.complain(version->place,
                    "The format version must be a whole number from 1, but here stands " + version->described() + ".");
  else if (number > sweep_format_version)
    throw PipelineError(version->place, "The sweep has format version " + version->text +
                                            ", but this program reads up to version " +
                                            std::to_string(sweep_format_version) + ". Use a newer fergraph.");
}

// Settings of the command line that name a parameter of the sweep take its place; the others go to every cell.
std::vector<SweepSetting> apply_settings(Tree& root, const std::vector<std::string>& settings) {
  std::vector<SweepSetting> rest;
  Tree* params = root.find("params");
  for (const std::string& setting : settings) {
    const Place place{"--set " + setting, 0, 0};
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0)
      throw PipelineError(place, "A setting has the form name=value, for example --set epochs=2.");
    const std::string name = setting.substr(0, equals);
    Tree value;
    try {
      value = parse_yaml(setting.substr(equals + 1), place.file);
    } catch (const PipelineError& error) {
      throw PipelineError(place, error.problems().front().message);
    }
    if (value.is_map() && value.members.empty() && setting.find('{') == std::string::npos)
      value.kind = Tree::Kind::nothing;
    if (Tree* own = params ? params->find(name) : nullptr)
      *own = std::move(value);
    else
      rest.push_back({name, std::move(value), place});
  }
  return rest;
}

bool is_named(const SweepHeading& column, const std::string& name) {
  return column.text() == name || std::find(column.names.begin(), column.names.end(), name) != column.names.end();
}

void check_names(const std::vector<SweepHeading>& headings, SweepReader& reader) {
  std::set<std::string> seen;
  for (const SweepHeading& each : headings)
    if (!seen.insert(each.text()).second)
      reader.complain(each.place, "'" + each.text() + "' stands twice in this table. Rename one of them.");
}

void check_rows(const Sweep& sweep, SweepReader& reader) {
  std::vector<std::string> columns;
  for (const SweepHeading& column : sweep.columns)
    for (const std::string& name : column.names)
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  std::set<std::pair<int, std::string>> told;
  for (const SweepHeading& row : sweep.rows) {
    if (!row.paper.empty() && row.paper.size() != sweep.columns.size())
      reader.complain(row.place, "'paper' of the row '" + row.text() + "' holds " + std::to_string(row.paper.size()) +
                                     (row.paper.size() == 1 ? " number" : " numbers") + ", but the table has " +
                                     std::to_string(sweep.columns.size()) +
                                     " columns. Give one for each, ~ where the paper has none.");
    for (const auto& [name, part] : row.at) {
      const bool known = std::any_of(sweep.columns.begin(), sweep.columns.end(),
                                     [&, &wanted = name](const SweepHeading& each) { return is_named(each, wanted); });
      if (!known && told.insert({row.place.line, name}).second)
        reader.complain(row.place, "'at' of the row '" + row.text() + "' names the column '" + name +
                                       "', which the table does not have. It has " + listed(columns) + "." +
                                       did_you_mean(name, columns));
    }
  }
}

}  // namespace

void SweepPart::add(const SweepPart& over) {
  if (over.run) run = over.run, runs = true;
  if (!over.runs) runs = false;
  data.insert(data.end(), over.data.begin(), over.data.end());
  set.insert(set.end(), over.set.begin(), over.set.end());
  if (over.seeds) seeds = over.seeds;
  if (over.evaluate) evaluate = over.evaluate;
  if (over.value) value = over.value;
  if (over.pick) pick = over.pick;
}

bool SweepEvaluation::same(const SweepEvaluation& other) const {
  return checkpoint == other.checkpoint && name == other.name &&
         std::equal(data.begin(), data.end(), other.data.begin(), other.data.end(),
                    [](const NamedFile& a, const NamedFile& b) { return a.path == b.path; }) &&
         std::equal(
             set.begin(), set.end(), other.set.begin(), other.set.end(),
             [](const SweepSetting& a, const SweepSetting& b) { return a.name == b.name && a.value.same(b.value); });
}

std::string SweepHeading::text() const { return joined(names); }

std::string Sweep::text(const SweepCell& cell) const {
  const std::string row = rows[cell.row].text();
  return columns.size() == 1 ? row : row + " / " + columns[cell.column].text();
}

Sweep read_sweep(const std::filesystem::path& file, const std::vector<std::string>& settings) {
  std::vector<Problem> problems;
  Tree root = read_yaml(file, problems);
  const std::vector<std::string>& keys = top_keys();
  if (!root.is_map())
    throw PipelineError(root.place, "A sweep file is a map with the keys " + listed(keys) + ", but here stands " +
                                        root.described() + ".");
  if (root.find("pipeline") || root.find("step") || root.find("streams"))
    throw PipelineError({file.string(), 0, 0},
                        "This is a pipeline file, not a sweep. Run it alone: fergraph run " + file.string() +
                            "; or name it in a sweep: rows: {NAME: {run: " + file.filename().string() + "}}.");
  const std::vector<SweepSetting> given = apply_settings(root, settings);
  const Tree* params = root.find("params");
  if (params && !params->is_map()) {
    problems.push_back(
        {params->place, "'params' must be a map of names, but here stands " + params->described() + "."});
    params = nullptr;
  }

  Sweep sweep;
  sweep.file = file;
  sweep.name = file.stem().string();
  if (params) sweep.params = params->keys();
  SweepReader reader(file.parent_path(), params, problems);
  check_version(root, reader);
  SweepPart all = reader.part(root, keys, "A sweep file");
  if (params && params->find("seed"))
    reader.complain(params->place, "'seed' cannot be a parameter: $seed stands for the seed of each run. Rename it.");
  if (const Tree* name = root.find("sweep"))
    if (const auto text = reader.word(*name, "sweep")) sweep.name = *text;
  if (sweep.name.empty() || sweep.name.find('/') != std::string::npos || sweep.name.front() == '.')
    reader.complain(root.find("sweep") ? root.find("sweep")->place : root.place,
                    "'sweep' names the files of the table, so that '" + sweep.name +
                        "' cannot be its name: leave out slashes and a dot at the beginning.");
  if (const Tree* doc = root.find("doc"))
    if (const auto text = reader.word(*doc, "doc")) sweep.doc = *text;
  if (const Tree* percent = root.find("percent")) {
    if (percent->text != "true" && percent->text != "false")
      reader.complain(percent->place, "'percent' is true or false, but here stands " + percent->described() + ".");
    sweep.percent = percent->text != "false";
  }
  if (const Tree* digits = root.find("digits")) {
    if (digits->text.size() != 1 || digits->text[0] < '0' || digits->text[0] > '6')
      reader.complain(digits->place, "'digits' is a number from 0 to 6, but here stands " + digits->described() + ".");
    else
      sweep.digits = digits->text[0] - '0';
  }

  for (const char* name : {"columns", "rows"}) {
    const Tree* map = root.find(name);
    if (map && map->is_map() && !map->members.empty()) {
      (name == std::string("rows") ? sweep.rows : sweep.columns) = reader.headings(*map, name);
    } else if (map || name == std::string("rows")) {
      reader.complain(map ? map->place : Place{file.string(), 1, 1},
                      std::string("A sweep needs '") + name +
                          "', a map from names to what each runs: rows: {Ada-CM: {run: ../methods/ada-cm.yaml}}.");
    }
  }
  if (!root.find("columns")) {
    SweepHeading only;
    only.names = {all.value.value_or("test.accuracy")};
    only.place = root.place;
    sweep.columns = {only};
  }
  check_names(sweep.columns, reader);
  check_names(sweep.rows, reader);
  check_rows(sweep, reader);
  if (!problems.empty()) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
      return std::tie(a.place.file, a.place.line, a.place.column) <
             std::tie(b.place.file, b.place.line, b.place.column);
    });
    throw PipelineError(problems);
  }

  if (!all.seeds) all.seeds = std::vector<std::uint64_t>{1};
  for (std::size_t r = 0; r < sweep.rows.size(); ++r) {
    for (std::size_t c = 0; c < sweep.columns.size(); ++c) {
      const SweepHeading& row = sweep.rows[r];
      SweepCell cell{r, c, all, row.paper.empty() ? std::nullopt : row.paper[c]};
      cell.part.add(sweep.columns[c].part);
      cell.part.add(row.part);
      for (const auto& [name, part] : row.at)
        if (is_named(sweep.columns[c], name)) cell.part.add(part);
      cell.part.set.insert(cell.part.set.end(), given.begin(), given.end());
      if (!cell.part.value) cell.part.value = cell.part.evaluate ? "accuracy" : "test.accuracy";
      if (!cell.part.pick) cell.part.pick = Pick{};
      sweep.cells.push_back(std::move(cell));
    }
  }
  return sweep;
}

}  // namespace fergraph
