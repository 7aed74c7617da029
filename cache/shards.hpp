// How a large cache is divided: shards are files of their own, each of a fixed range of the dataset's samples.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cache/error.hpp"

namespace fergraph {

/// The files of one cache. Up to `shard_size` samples make a single file under the cache's own path; more make a folder
/// of that name with the shards "00000-of-00036.h5" and so on. Which samples a shard holds depends on these numbers
/// alone, never on who writes it, so several processes share the work without a word between them.
class ShardLayout {
 public:
  /// samples >= 0, shard_size >= 1.
  ShardLayout(std::filesystem::path cache, std::int64_t samples, std::int64_t shard_size);

  const std::filesystem::path& cache() const { return cache_; }
  /// At least 1.
  std::int64_t count() const { return count_; }
  bool is_folder() const { return count_ > 1; }
  std::int64_t shard_of(std::int64_t sample) const { return sample / shard_size_; }
  /// The first sample of a shard, and the first after it.
  std::int64_t begin(std::int64_t shard) const { return shard * shard_size_; }
  std::int64_t end(std::int64_t shard) const;
  std::filesystem::path file(std::int64_t shard) const;
  /// Makes the folder that the shard's file is to stand in. Throws CacheError.
  void make_folder(std::int64_t shard) const;

  /// Throws CacheError where something else stands in the way: a file instead of a folder, a folder instead of a file,
  /// or the shards of another division, which nobody but the user may remove.
  void require_room() const;

 private:
  std::filesystem::path cache_;
  std::int64_t samples_;
  std::int64_t shard_size_;
  std::int64_t count_;
};

/// What stands in a cache's folder.
struct ShardsThere {
  std::int64_t count = 0;                      ///< of the division, at least 1
  std::vector<std::filesystem::path> files;    ///< in their order
  std::vector<std::filesystem::path> missing;  ///< in their order
};

/// Throws CacheError where there is no shard, or shards of two divisions.
ShardsThere shards_there(const std::filesystem::path& folder);

/// The shards of a finished cache in their order, from what stands in its folder. Throws CacheError where some are
/// missing or belong to another division.
std::vector<std::filesystem::path> shards_in(const std::filesystem::path& folder);

}  // namespace fergraph
