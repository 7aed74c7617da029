// The runs that a sweep's cells need: each a resolved pipeline and a seed, in a directory of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graph/registry.hpp"
#include "report/sweep_file.hpp"

namespace fergraph {

/// A run that one cell needs, or several: what they have in common is trained once.
struct SweepRun {
  std::string fingerprint;  // of the resolved pipeline (but its `doc`) and the seed
  std::uint64_t seed = 1;
  std::string text;  // the resolved pipeline
  std::int64_t epochs = 1;
  std::filesystem::path directory;
  std::vector<SweepEvaluation> evaluations;  // to be made when it is finished, each name once
  std::vector<std::size_t> cells;            // rising
  std::string title;                         // "Ada-CM / RAF-DB, seed 2", by its first cell
};

struct SweepPlan {
  Sweep sweep;
  std::vector<SweepRun> runs;                     // in the order of the cells that need them first
  std::vector<std::vector<std::size_t>> of_cell;  // for each cell its runs, in the order of its seeds
};

/// Resolves and checks the pipeline of every cell. `folder`: where the runs' directories are. `seeds`: instead of those
/// that the sweep gives, where not empty; each once. Throws PipelineError with all that is wrong in any of them, at the
/// place in the sweep where it comes from a setting there. No data need be there.
SweepPlan plan_sweep(Sweep sweep, const Registry& registry, const std::filesystem::path& folder,
                     const std::vector<std::uint64_t>& seeds = {});

/// Whether a run is meant by `--only`: one of the patterns (of the shell: *, ?, [a-z]; anywhere in the text, upper and
/// lower case alike) fits the title that it has in one of its cells. All are, where there is no pattern.
bool is_meant(const SweepPlan& plan, const SweepRun& run, const std::vector<std::string>& patterns);

/// The title of a run in one of its cells: "Ada-CM / RAF-DB, seed 2".
std::string title_in(const SweepPlan& plan, const SweepRun& run, std::size_t cell);

}  // namespace fergraph
