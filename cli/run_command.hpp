// `fergraph run`: trains, or preprocesses photographs into a face cache.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "graph/document.hpp"
#include "graph/registry.hpp"
#include "report/run_checkpoint.hpp"

namespace fergraph {

struct RunCommand {
  LoadOptions load;
  std::filesystem::path resume;  // the directory of a run to go on with; its own pipeline is run then
  std::filesystem::path out;
  std::filesystem::path trace;
  std::filesystem::path record;  // a parity pack to write; empty: none
  std::uint64_t seed = 1;
  int threads = 0;
  int lanes = 1;
  std::string device = "cpu";
  std::string shard;   // "1/4"; empty: as the launcher's environment says
  bool report = true;  // report.html at the end of training
  bool quiet = false;
  bool predictions = true;  // are left at the end of training
  CheckpointRules checkpoints;
};

/// Returns the program's exit code: 0 done, 130 interrupted. Throws PipelineError or RunError.
int run_command(const RunCommand& command, const Registry& registry, std::stop_token stop);

}  // namespace fergraph
