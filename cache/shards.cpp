#include "cache/shards.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>

namespace fergraph {

namespace {

struct ShardName {
  std::int64_t index = 0;
  std::int64_t count = 0;
};

std::string name_of(const ShardName& name) {
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), "%05lld-of-%05lld.h5", static_cast<long long>(name.index),
                                   static_cast<long long>(name.count));
  return {text.data(), static_cast<std::size_t>(length)};
}

// Of "00003-of-00036.h5", and of nothing that is written in any other way.
std::optional<ShardName> read_name(const std::string& text) {
  long long index = 0, count = 0;
  if (std::sscanf(text.c_str(), "%18lld-of-%18lld.h5", &index, &count) != 2) return std::nullopt;
  const ShardName name{index, count};
  if (index < 0 || index >= count || name_of(name) != text) return std::nullopt;
  return name;
}

std::vector<ShardName> names_in(const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(folder, error);
  if (error)
    throw CacheError("The face cache '" + folder.string() + "' cannot be read (" + error.message() +
                     "): give this user read access to it.");
  std::vector<ShardName> names;
  for (const auto& entry : entries)
    if (const auto name = read_name(entry.path().filename().string())) names.push_back(*name);
  std::ranges::sort(names, {}, &ShardName::index);
  return names;
}

}  // namespace

ShardLayout::ShardLayout(std::filesystem::path cache, std::int64_t samples, std::int64_t shard_size)
    : cache_(std::move(cache)),
      samples_(samples),
      shard_size_(shard_size),
      count_(std::max<std::int64_t>(1, (samples + shard_size - 1) / shard_size)) {}

std::int64_t ShardLayout::end(std::int64_t shard) const { return std::min(samples_, (shard + 1) * shard_size_); }

std::filesystem::path ShardLayout::file(std::int64_t shard) const {
  return is_folder() ? cache_ / name_of({shard, count_}) : cache_;
}

void ShardLayout::require_room() const {
  std::error_code ignored;
  const bool folder_there = std::filesystem::is_directory(cache_, ignored);
  const std::string named = "The face cache '" + cache_.string() + "'";
  if (is_folder() && !folder_there && std::filesystem::exists(cache_, ignored))
    throw CacheError(named + " is to be a folder of " + std::to_string(count_) +
                     " shards, but a file of that name is there: remove the file or give another name.");
  if (!is_folder() && folder_there)
    throw CacheError(named +
                     " is to be one file, but a folder of that name is there: remove the folder, give another name, or "
                     "ask for smaller shards.");
  if (!folder_there) return;
  for (const ShardName& name : names_in(cache_))
    if (name.count != count_)
      throw CacheError(named + " is to have " + std::to_string(count_) + " shards, but its folder holds '" +
                       name_of(name) + "', of a division into " + std::to_string(name.count) +
                       ": the number of samples or the size of the shards has changed. Remove the folder or give "
                       "another name.");
}

std::vector<std::filesystem::path> shards_in(const std::filesystem::path& folder) {
  const std::vector<ShardName> names = names_in(folder);
  const std::string named = "The face cache '" + folder.string() + "'";
  if (names.empty())
    throw CacheError(named + " is a folder without shards (such as '" + name_of({0, 36}) +
                     "'): correct the path or make the cache.");
  const std::int64_t count = names.front().count;
  for (const ShardName& name : names)
    if (name.count != count)
      throw CacheError(named + " holds shards of two divisions, '" + name_of(names.front()) + "' and '" +
                       name_of(name) + "': remove those of the one that is not wanted.");
  const auto present = static_cast<std::int64_t>(names.size());
  if (present != count) {
    std::int64_t missing = 0;
    while (missing < present && names[static_cast<std::size_t>(missing)].index == missing) ++missing;
    throw CacheError(named + " has " + std::to_string(present) + " of its " + std::to_string(count) +
                     " shards; the first that is missing is '" + name_of({missing, count}) +
                     "': run its preprocessing file again, which goes on where it stopped.");
  }
  std::vector<std::filesystem::path> files;
  files.reserve(names.size());
  for (const ShardName& name : names) files.push_back(folder / name_of(name));
  return files;
}

}  // namespace fergraph
