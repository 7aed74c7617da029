// Sweep files: rows, columns, grids, groups, papers' numbers, and all that can be wrong with them.
#include "report/sweep_file.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/scratch_folder.hpp"

using namespace fergraph;

namespace {

// Some pipeline files, which reading a sweep does not look into.
struct Files : test::Scratch {
  Files() {
    for (const char* name : {"base.yaml", "baseline.yaml", "other.yaml", "data.yaml"}) write(name, "pipeline: x\n");
  }
  Sweep read(const std::string& text, const std::vector<std::string>& settings = {}) const {
    return read_sweep(write("sweep.yaml", text), settings);
  }
  std::string complaint(const std::string& text, const std::vector<std::string>& settings = {}) const {
    try {
      read(text, settings);
    } catch (const PipelineError& error) {
      return without(error.what());
    }
    return "nothing is wrong";
  }
};

// "lr=1e-3 epochs=2", as they are set, one behind the other.
std::string settings_of(const SweepCell& cell) {
  std::string text;
  for (const SweepSetting& each : cell.part.set)
    text += (text.empty() ? "" : " ") + each.name + "=" + each.value.flow();
  return text;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sweep_file, Files)

BOOST_AUTO_TEST_CASE(a_cell_has_what_the_file_its_column_and_its_row_say) {
  const Sweep sweep = read(R"(
version: 1
sweep: small
doc: A small one
params: {rate: 1e-3, few: {fear: 10, others: 15}}
seeds: 3
pick: mean5
set: {lr: $rate, split_seed: $seed}
data: data.yaml
columns:
  few:  {set: {labels: $few}}
  many: {set: {labels: 400}, pick: best}
rows:
  Baseline: {run: base.yaml, set: {lr: 2e-3}, paper: [52.43 ± 2.24, ~]}
  Other:    {run: other.yaml, data: base.yaml, seeds: [4, 5], at: {many: {set: {epochs: 9}, seeds: [7]}}}
  Printed:  {paper: [1, 2.5]}
)");
  BOOST_TEST(sweep.name == "small");
  BOOST_TEST(sweep.doc == "A small one");
  BOOST_REQUIRE_EQUAL(sweep.cells.size(), 6u);
  const SweepCell& first = sweep.cell(0, 0);
  BOOST_TEST(sweep.text(first) == "Baseline / few");
  BOOST_TEST(first.is_run());
  BOOST_TEST(first.part.run->path == folder / "base.yaml");
  BOOST_REQUIRE_EQUAL(first.part.data.size(), 1u);
  BOOST_TEST(first.part.data[0].path == folder / "data.yaml");
  BOOST_TEST(settings_of(first) == "lr=1e-3 split_seed=$seed labels={fear: 10, others: 15} lr=2e-3");
  BOOST_TEST(*first.part.seeds == (std::vector<std::uint64_t>{1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(first.part.pick->word() == "mean5");
  BOOST_TEST(*first.part.value == "test.accuracy");
  BOOST_TEST(first.paper->mean == 52.43);
  BOOST_TEST(first.paper->deviation.value() == 2.24);
  BOOST_TEST(!sweep.cell(0, 1).paper.has_value());
  BOOST_TEST(sweep.cell(0, 1).part.pick->word() == "best");
  BOOST_TEST(sweep.cell(1, 0).part.data.size() == 2u);
  BOOST_TEST(*sweep.cell(1, 0).part.seeds == (std::vector<std::uint64_t>{4, 5}), boost::test_tools::per_element());
  BOOST_TEST(settings_of(sweep.cell(1, 1)) == "lr=1e-3 split_seed=$seed labels=400 epochs=9");
  BOOST_TEST(sweep.cell(1, 1).part.seeds->front() == 7u);
  BOOST_TEST(!sweep.cell(2, 1).is_run());
  BOOST_TEST(sweep.cell(2, 1).paper->mean == 2.5);
  BOOST_TEST(!sweep.cell(2, 1).paper->deviation.has_value());
}

BOOST_AUTO_TEST_CASE(groups_and_grids) {
  const Sweep sweep = read(R"(
columns:
  A: {set: {data: a}, columns: {x: {}, y: {set: {labels: 1}}}}
  B: {}
rows:
  noisy:
    set: {noise: 0.3}
    at: {A: {run: ~}}
    rows:
      Base: {run: base.yaml}
      Grid: {run: base.yaml, grid: {lr: [1e-3, 5e-4], epochs: [1, 2]}}
)");
  BOOST_REQUIRE_EQUAL(sweep.columns.size(), 3u);
  BOOST_TEST(sweep.columns[1].text() == "A / y");
  BOOST_REQUIRE_EQUAL(sweep.rows.size(), 5u);
  BOOST_TEST(sweep.rows[0].text() == "noisy / Base");
  BOOST_TEST(sweep.rows[4].text() == "noisy / Grid / lr=5e-4, epochs=2");
  BOOST_TEST(!sweep.cell(0, 1).is_run());
  BOOST_TEST(sweep.cell(0, 2).is_run());
  BOOST_TEST(settings_of(sweep.cell(3, 1)) == "data=a labels=1 noise=0.3 lr=5e-4 epochs=1");
}

BOOST_AUTO_TEST_CASE(settings_are_the_sweeps_parameters_or_go_to_every_cell) {
  const std::string text = R"(
params: {weights: ~, folder: data, cache: "${folder}/faces.h5", kept: "${other}"}
set: {weights: $weights, cache: $cache, kept: $kept}
rows: {A: {run: base.yaml}}
)";
  BOOST_TEST(settings_of(read(text).cells[0]) == "weights=~ cache=data/faces.h5 kept=\"${other}\"");
  BOOST_TEST(settings_of(read(text, {"weights=w.pth", "folder=x", "epochs=2"}).cells[0]) ==
             "weights=w.pth cache=x/faces.h5 kept=\"${other}\" epochs=2");
  BOOST_TEST(complaint(text, {"weights"}) ==
             "--set weights: error: A setting has the form name=value, for example --set epochs=2.");
}

BOOST_AUTO_TEST_CASE(evaluations_are_named_by_their_data) {
  const Sweep sweep = read(R"(
evaluate: data.yaml
rows:
  A: {run: base.yaml}
  B: {run: base.yaml, evaluate: {data: data.yaml, set: {cache: ck.h5}, name: ck}, value: mean_recall, pick: best}
)");
  BOOST_TEST(sweep.cells[0].part.evaluate->name == "data");
  BOOST_TEST(*sweep.cells[0].part.value == "accuracy");
  BOOST_TEST(sweep.cells[1].part.evaluate->name == "ck");
  BOOST_TEST(complaint("evaluate: [data.yaml, other.yaml]\nrows: {A: {run: base.yaml}}") ==
             "sweep.yaml:1:23: error: An evaluation is of one data file. Give other data a column of its own.");
  BOOST_TEST(*sweep.cells[1].part.value == "mean_recall");
  BOOST_TEST(complaint("evaluate: {data: data.yaml, name: \"x y/z\"}\nrows: {A: {run: base.yaml}}") ==
             "sweep.yaml:1:35: error: 'name' names the files of the evaluation, so that 'x y/z' cannot be it: leave "
             "out slashes and a dot at the beginning.");
}

BOOST_AUTO_TEST_CASE(all_that_is_wrong_is_told_at_once) {
  BOOST_TEST(complaint(R"(version: 1
sweep: wrong
params: {rate: 1e-3, seed: 4, loop: $loop}
sedes: 3
seeds: [1, 2, 2, x]
pick: bets
digits: 9
percent: yes
set: {lr: $rate, epochs: $loop}
columns:
  A: {run: baselin.yaml}
  B: {set: 3}
rows:
  One: {run: base.yaml, paper: [1.5 ± 0.2, 50 +- 2]}
  Two: {paper: [1], at: {C: {set: {lr: 1}}}}
  Three: nothing
  Grid: {run: base.yaml, grid: {lr: 3}, papre: 1}
  Empty: {rows: {}}
  Group: {paper: 3, rows: {One: {evaluate: {set: {a: 1}}}}}
)") == R"(sweep.yaml:3:9: error: 'seed' cannot be a parameter: $seed stands for the seed of each run. Rename it.
sweep.yaml:3:37: error: The parameter in '$loop' inserts itself. Give it a value of its own.
sweep.yaml:4:1: error: A sweep file has no key 'sedes'. It knows 'version', 'sweep', 'doc', 'params', 'columns', 'rows', 'percent', 'digits', 'run', 'data', 'set', 'seeds', 'evaluate', 'value' and 'pick'. Did you mean 'seeds'?
sweep.yaml:5:15: error: The seed 2 stands twice in this list. Two equal runs are one.
sweep.yaml:5:18: error: 'seeds' takes whole numbers from 0 on, but here stands 'x'. Write a list, [1, 2, 3], or how many: 5 for 1 to 5.
sweep.yaml:6:7: error: 'pick' says which epochs count: last, best, or mean5 for the mean of the last five, but here stands 'bets'. Did you mean 'best'?
sweep.yaml:7:9: error: 'digits' is a number from 0 to 6, but here stands '9'.
sweep.yaml:8:10: error: 'percent' is true or false, but here stands 'yes'.
sweep.yaml:11:12: error: The file 'baselin.yaml' does not exist. Paths in a sweep start at its own folder; correct the path. Did you mean 'baseline.yaml'?
sweep.yaml:12:12: error: 'set' takes a map such as {lr: 1e-3, labels: 100}, but here stands '3'.
sweep.yaml:14:45: error: A paper's number is written as 52.43 or as 52.43 ± 2.24 (~ where there is none), but here stands '50 +- 2'.
sweep.yaml:15:3: error: 'paper' of the row 'Two' holds 1 number, but the table has 2 columns. Give one for each, ~ where the paper has none.
sweep.yaml:15:3: error: 'at' of the row 'Two' names the column 'C', which the table does not have. It has 'A' and 'B'.
sweep.yaml:16:10: error: 'Three' takes a map such as {run: FILE, set: {lr: 1e-3}}, but here stands 'nothing'.
sweep.yaml:17:32: error: 'grid' takes a map from parameters to lists of values, {lr: [1e-3, 5e-4], epochs: [10, 20]}, but here stands {lr: 3}.
sweep.yaml:17:41: error: 'Grid' has no key 'papre'. It knows 'run', 'data', 'set', 'seeds', 'evaluate', 'value', 'pick', 'rows', 'grid', 'at' and 'paper'. Did you mean 'paper'?
sweep.yaml:18:17: error: 'rows' takes a map from names to rows, but here stands an empty map.
sweep.yaml:19:27: error: 'Group' is a group of rows, so that 'paper' and 'grid' have no meaning beside them. Move them to its rows.
sweep.yaml:19:44: error: 'evaluate' needs a data file to score the runs on: evaluate: {data: ../data/ck-plus.yaml}.)");
}

BOOST_AUTO_TEST_CASE(files_that_are_no_sweeps) {
  BOOST_TEST(complaint("pipeline: x\nstep: {}\n") ==
             "sweep.yaml: error: This is a pipeline file, not a sweep. Run it alone: fergraph run sweep.yaml; or name "
             "it in a sweep: rows: {NAME: {run: sweep.yaml}}.");
  BOOST_TEST(complaint("[1]").starts_with("sweep.yaml:1:1: error: A sweep file is a map with the keys 'version', "));
  BOOST_TEST(complaint("version: 2\nrows: {A: {}}") ==
             "sweep.yaml:1:10: error: The sweep has format version 2, but this program reads up to version 1. Use a "
             "newer fergraph.");
  BOOST_TEST(complaint("version: 1\ncolumns: {A: {}}") ==
             "sweep.yaml:1:1: error: A sweep needs 'rows', a map from names to what each runs: rows: {Ada-CM: {run: "
             "../methods/ada-cm.yaml}}.");
  BOOST_TEST(complaint("sweep: a/b\nrows: {A: {run: base.yaml}}") ==
             "sweep.yaml:1:8: error: 'sweep' names the files of the table, so that 'a/b' cannot be its name: leave out "
             "slashes and a dot at the beginning.");
}

BOOST_AUTO_TEST_SUITE_END()
