// One function per command; each returns the program's exit code and throws what main reports.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

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
  std::string shard;  // "1/4"; empty: as the launcher's environment says
  bool quiet = false;
  CheckpointRules checkpoints;
};
int run_command(const RunCommand& command, const Registry& registry, std::stop_token stop);

int check_command(const LoadOptions& load, const Registry& registry);

struct GraphCommand {
  LoadOptions load;
  std::filesystem::path out;  // .dot or .svg; standard output (DOT) where empty
};
int graph_command(const GraphCommand& command, const Registry& registry);

struct DataCommand {
  LoadOptions load;
  bool json = false;
  bool quiet = false;
};
int data_command(const DataCommand& command, const Registry& registry, std::stop_token stop);

int nodes_command(const std::string& name, const Registry& registry);
int schema_command(const Registry& registry);
int diff_command(const std::filesystem::path& first, const std::filesystem::path& second);

struct ReplayCommand {
  std::filesystem::path pack;
  std::filesystem::path pipeline;   // empty: pipelines/methods/<method>[.<variant>].yaml
  std::filesystem::path pipelines;  // the folder of shipped files
  bool verbose = false;
  int threads = 0;
  int lanes = 1;
};
int replay_command(const ReplayCommand& command, const Registry& registry, std::stop_token stop);

struct SynthesizeCommand {
  std::filesystem::path directory;
  int train = 3000;
  int test = 600;
  std::uint64_t seed = 1;
  bool quiet = false;
};
int synthesize_command(const SynthesizeCommand& command, std::stop_token stop);

struct WeightsCommand {
  std::filesystem::path file;
  std::filesystem::path out;  // import
  std::string key;            // the place of the state dict in a checkpoint; found where empty
};
int weights_show_command(const WeightsCommand& command);
int weights_import_command(const WeightsCommand& command);

int cache_info_command(const std::filesystem::path& file);

struct VerifyCommand {
  std::filesystem::path file;
  bool quiet = false;
};
int cache_verify_command(const VerifyCommand& command, const std::stop_token& stop);

struct PreviewCommand {
  std::filesystem::path file;
  std::filesystem::path out = "sheet.png";
  std::int64_t faces = 64;
  std::uint64_t seed = 1;
  std::string split;     // all where empty, as are classes
  std::string of_class;  // a class's name
};
int cache_preview_command(const PreviewCommand& command);

}  // namespace fergraph
