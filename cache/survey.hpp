// What stands where a cache should be, be it whole or not: to look at caches that are being made, or were damaged.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cache/cache_file.hpp"

namespace fergraph {

struct CacheSurvey {
  struct Unreadable {
    std::filesystem::path file;
    std::string reason;  ///< a complete sentence
  };
  std::filesystem::path path;
  bool is_folder = false;
  std::int64_t shards = 1;  ///< of the division, present or not
  /// Those that can be read, in their order.
  std::vector<std::unique_ptr<FaceCacheFile>> files;
  std::vector<std::filesystem::path> missing;
  std::vector<Unreadable> unreadable;
  /// Shards that were made with other settings than the first, each with a sentence per difference.
  std::vector<Unreadable> unlike;

  std::int64_t faces() const;
  std::uint64_t stored_bytes() const;
  std::int64_t voids() const;
  bool is_whole() const { return missing.empty() && unreadable.empty() && unlike.empty(); }
};

/// Throws CacheError where there is nothing to look at: no file, a single file that cannot be read, no shard of a
/// folder, or shards of two divisions.
CacheSurvey survey_cache(const std::filesystem::path& path);

}  // namespace fergraph
