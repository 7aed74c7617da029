// `fergraph replay`: a wiring over the batches of a parity pack, compared number by number.
#pragma once

#include <filesystem>
#include <stop_token>

#include "graph/registry.hpp"

namespace fergraph {

struct ReplayCommand {
  std::filesystem::path pack;
  std::filesystem::path pipeline;   // empty: pipelines/methods/<method>[.<variant>].yaml
  std::filesystem::path pipelines;  // the folder of shipped files; empty: shipped_pipelines()
  bool verbose = false;
  int threads = 0;
  int lanes = 1;
};

/// Returns the program's exit code: 0 within the tolerances, 1 beyond them. Throws PipelineError or RunError.
int replay_command(const ReplayCommand& command, const Registry& registry, std::stop_token stop);

}  // namespace fergraph
