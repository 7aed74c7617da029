// Runs what a sweep lacks: several child processes at a time, each claimed, so that other processes may do the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/sweep_plan.hpp"
#include "graph/node_type.hpp"

namespace fergraph {

struct SweepJobsOptions {
  int jobs = 1;
  std::vector<std::string> devices;      // the jobs take turns; the program's default where empty
  std::vector<std::string> run_options;  // more arguments of every `fergraph run`
  ProcessShare share;                    // of several processes that do the same, where this one begins
  int processes_here = 1;                // how many of them share this machine's cores
  bool quiet = false;
};

/// Threads for one of `jobs` processes on this machine, of which there are `processes` sweeps: the cores that this
/// process may use, divided; at least one. 0 (as many as cores) for a single one.
int threads_of_job(int jobs, int processes);

struct SweepFailure {
  std::size_t run = 0;
  std::string cause;  // "exit code 1"
  std::filesystem::path log;
  std::string last_line;  // of the log
};

struct SweepOutcome {
  std::int64_t made = 0;               // runs that were finished now
  std::vector<SweepFailure> failures;  // in the order in which they were met
  std::vector<std::size_t> elsewhere;  // runs that other processes are at work on
  bool interrupted = false;
};

/// Runs `wanted` (indices into the plan's runs) that are not finished, and makes their evaluations. A run that was
/// interrupted goes on from its checkpoint; one that fails is told and does not keep the others. When `stop` is
/// requested the children are asked to stop, each after its step, and nothing else is begun. Throws RunError where
/// directories cannot be written.
SweepOutcome run_jobs(const SweepPlan& plan, const std::vector<std::size_t>& wanted, const SweepJobsOptions& options,
                      std::stop_token stop);

/// Whether all evaluations of a run are there.
bool is_evaluated(const SweepRun& run);

}  // namespace fergraph
