// Every sweep of pipelines/tables: all of its cells check, without any data set being there.
#include <algorithm>
#include <set>

#include "cli/sweep_plan.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(tables)

namespace {

SweepPlan plan(const std::filesystem::path& file, const std::vector<std::string>& settings = {},
               const std::vector<std::uint64_t>& seeds = {1}) {
  return plan_sweep(read_sweep(file, settings), registry(), "runs", seeds);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_cell_of_every_table_checks) {
  std::set<std::string> names;
  for (const std::filesystem::path& file : files_in("tables")) {
    BOOST_TEST_CONTEXT(file.filename().string()) {
      try {
        const SweepPlan made = plan(file);
        BOOST_TEST(!made.runs.empty());
        BOOST_TEST(names.insert(made.sweep.name).second);
        // The file's name says which table it is.
        std::string name = file.stem().string();
        std::replace(name.begin(), name.end(), '.', '-');
        BOOST_TEST(made.sweep.name == name);
      } catch (const PipelineError& error) {
        BOOST_ERROR(error.what());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_table_of_the_five_papers_is_there) {
  std::vector<std::string> missing;
  for (const char* name :
       {"ada-cm.table-1", "ada-cm.table-2", "ada-cm.table-3", "ada-cm.table-4", "lion.table-1",  "lion.table-2",
        "pt.table-2",     "pt.table-4",     "pt.table-5",     "pt.figure-6",    "pt.figure-7",   "pt.figure-11",
        "pt.figure-12",   "pt.figure-15",   "resup.table-1",  "resup.table-2",  "resup.table-3", "resup.table-4",
        "resup.table-5",  "asm.table-1",    "asm.table-2",    "asm.table-3",    "demo"})
    if (!std::filesystem::exists(pipelines / "tables" / (std::string(name) + ".yaml"))) missing.emplace_back(name);
  BOOST_TEST(missing.empty(), listed(missing));
}

BOOST_AUTO_TEST_CASE(what_tables_have_in_common_is_one_run) {
  // FixMatch with the threshold 0.95 is a row of Ada-CM's table 1 and of its table 2.
  const auto names = [](const SweepPlan& plan, const std::string& cell) {
    std::set<std::string> found;
    for (const SweepRun& run : plan.runs)
      for (const std::size_t each : run.cells)
        if (plan.sweep.text(plan.sweep.cells[each]) == cell) found.insert(run.directory.string());
    return found;
  };
  const SweepPlan first = plan(pipelines / "tables/ada-cm.table-1.yaml");
  const SweepPlan second = plan(pipelines / "tables/ada-cm.table-2.yaml");
  BOOST_TEST((names(first, "FT = 0.95 / RAF-DB, 100 labels") == names(second, "FixMatch / RAF-DB / 100 labels")));
  BOOST_TEST((names(first, "FT = 0.8 / RAF-DB, 100 labels") != names(second, "FixMatch / RAF-DB / 100 labels")));
}

BOOST_AUTO_TEST_CASE(data_files_check_with_methods_for_few_and_for_noisy_labels) {
  for (const std::filesystem::path& data : files_in("data")) {
    if (data.stem().string().starts_with("demo")) continue;
    BOOST_TEST_CONTEXT(data.filename().string()) {
      for (const char* method : {"baseline.yaml", "ada-cm.yaml", "pt.yaml", "resup.yaml"})
        BOOST_CHECK_NO_THROW(check_pipeline(
            load_document({pipelines / "methods" / method, {data}, {"part=labeled", "labels=70"}}), registry()));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
