#include "cache/survey.hpp"

#include "cache/shards.hpp"

namespace fergraph {

std::int64_t CacheSurvey::faces() const {
  std::int64_t sum = 0;
  for (const auto& file : files) sum += file->size();
  return sum;
}

std::uint64_t CacheSurvey::stored_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& file : files) sum += file->stored_bytes();
  return sum;
}

std::int64_t CacheSurvey::voids() const {
  std::int64_t sum = 0;
  for (const auto& file : files) sum += static_cast<std::int64_t>(file->voids().size());
  return sum;
}

CacheSurvey survey_cache(const std::filesystem::path& path) {
  CacheSurvey found;
  found.path = path;
  std::error_code ignored;
  found.is_folder = std::filesystem::is_directory(path, ignored);
  if (!found.is_folder) {
    found.files.push_back(std::make_unique<FaceCacheFile>(path));
    return found;
  }
  ShardsThere there = shards_there(path);
  found.shards = there.count;
  found.missing = std::move(there.missing);
  for (const std::filesystem::path& shard : there.files) {
    try {
      found.files.push_back(std::make_unique<FaceCacheFile>(shard));
    } catch (const CacheError& error) {
      found.unreadable.push_back({shard, error.what()});
      continue;
    }
    std::string differences;
    for (const std::string& each : describe_shard_difference(found.files.front()->provenance().fingerprint.json,
                                                             found.files.back()->provenance().fingerprint.json))
      differences += (differences.empty() ? "" : " ") + each;
    if (!differences.empty()) found.unlike.push_back({shard, differences});
  }
  return found;
}

}  // namespace fergraph
