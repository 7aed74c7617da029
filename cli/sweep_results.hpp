// From the directories of a sweep's runs to its table, and the index that says which run stands behind which number.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/sweep_plan.hpp"
#include "report/result_table.hpp"

namespace fergraph {

/// The numbers of all runs that are finished. A run that does not have the value of its cell counts as failed.
ResultTable collect_results(const SweepPlan& plan);

/// Writes <name>.md, .csv, .tex and .json into `folder`, each by rename; the last is the index: for every cell its
/// settings, and for each of its seeds the run's directory and state. Of several processes one writes at a time. Throws
/// RunError.
ResultTable write_results(const SweepPlan& plan, const std::filesystem::path& folder);

/// What the index of an earlier call says otherwise than the plan: one sentence per cell whose runs are made anew,
/// because what they are has changed since, with the differences of the first of them. Nothing where there is no index.
std::vector<std::string> changed_definitions(const SweepPlan& plan, const std::filesystem::path& folder);

}  // namespace fergraph
