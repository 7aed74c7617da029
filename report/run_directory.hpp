// The folder of one run: its pipeline as it was run, provenance, metrics, voids, checkpoints; locked while in use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "report/provenance.hpp"

namespace fergraph {

/// Holds the folder's lock as long as it lives.
class RunDirectory {
 public:
  /// Makes `directory`, or runs/<pipeline>/<time>-<fingerprint>/ where it is empty. Throws RunError where another
  /// process is at work in it, where it holds a run already, or where it cannot be written.
  RunDirectory(const std::filesystem::path& directory, const Pipeline& pipeline, std::uint64_t seed);
  /// That of a run which is resumed. Throws RunError where it holds none, or another process is at work in it.
  explicit RunDirectory(const std::filesystem::path& existing);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// pipeline.yaml and provenance.json.
  void write_provenance(const Pipeline& pipeline, const RunIdentity& identity) const;
  /// provenance-<iteration>.json, of what goes on from there.
  void write_provenance(const Pipeline& pipeline, const RunIdentity& identity, std::int64_t iteration) const;

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

/// "3.2 GB", "512 KB".
std::string readable_bytes(double bytes);
/// "1 h 02 min", "3 min 12 s", "4.2 s".
std::string readable_seconds(double seconds);

/// Writes a file under a temporary name in its folder and renames it. Throws RunError naming the path.
void write_whole(const std::filesystem::path& file, const std::string& text);

}  // namespace fergraph
