// Where a run's numbers come from: the versions, the machine, the threads and the data that they depend on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graph/pipeline.hpp"
#include "report/run_checkpoint.hpp"

namespace fergraph {

struct RunIdentity {
  std::uint64_t seed = 1;
  int threads = 1;          // of streams
  int compute_threads = 1;  // inside one operation of a network
  int lanes = 1;
  std::string device;
  CheckpointRules checkpoints;  // a run that goes on keeps to them
};

/// What a provenance.json says of it. Throws RunError where it is absent or damaged.
RunIdentity read_identity(const std::filesystem::path& file);

/// JSON, of what the run is told by and of what it reads: the face caches' fingerprints by their paths as the file
/// gives them. Caches that cannot be read are left out.
std::string provenance_text(const Pipeline& pipeline, const RunIdentity& identity);

/// One line per difference, such as `versions.libtorch was "2.0.1" and is "2.1.0"`, between a provenance.json and what
/// a run of this pipeline would write now; what that file does not tell is not compared, nor are name, file and time of
/// the start. Nothing where the file is absent or damaged.
std::vector<std::string> provenance_differences(const std::filesystem::path& file, const Pipeline& pipeline,
                                                const RunIdentity& identity);

/// Whether a provenance.json is of this very pipeline; true where it is absent or damaged.
bool is_provenance_of(const std::filesystem::path& file, const Pipeline& pipeline);

/// A cache that is no longer what a run had.
struct CacheChange {
  std::string cache;                   // its path, as the pipeline gives it
  std::string was, is;                 // fingerprints
  std::vector<std::string> sentences;  // what changed, where it is known
};

/// Of the caches that both a provenance.json and this pipeline name: those whose fingerprint differs. Nothing where the
/// file is absent or damaged.
std::vector<CacheChange> cache_changes(const std::filesystem::path& file, const Pipeline& pipeline);

}  // namespace fergraph
