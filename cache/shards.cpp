#include "cache/shards.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>

#include "cache/write_failure.hpp"

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
  if (std::sscanf(text.c_str(), "%9lld-of-%9lld.h5", &index, &count) != 2) return std::nullopt;
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

// The first few, by their names.
std::string names_of(const std::vector<std::filesystem::path>& files) {
  constexpr std::size_t shown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, files.size()); ++i)
    text += (i ? ", '" : "'") + files[i].filename().string() + "'";
  return files.size() > shown ? text + " and " + std::to_string(files.size() - shown) + " more" : text;
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

void ShardLayout::make_folder(std::int64_t shard) const {
  const std::filesystem::path folder = file(shard).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw write_failure(file(shard), "its folder cannot be made", folder, error.value());
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

ShardsThere shards_there(const std::filesystem::path& folder) {
  const std::vector<ShardName> names = names_in(folder);
  const std::string named = "The face cache '" + folder.string() + "'";
  if (names.empty())
    throw CacheError(named + " is a folder without shards (such as '" + name_of({0, 36}) +
                     "'): correct the path or make the cache.");
  ShardsThere there{names.front().count, {}, {}};
  for (const ShardName& name : names)
    if (name.count != there.count)
      throw CacheError(named + " holds shards of two divisions, '" + name_of(names.front()) + "' and '" +
                       name_of(name) + "': remove those of the one that is not wanted.");
  auto next = names.begin();
  for (std::int64_t shard = 0; shard < there.count; ++shard) {
    const bool present = next != names.end() && next->index == shard;
    (present ? there.files : there.missing).push_back(folder / name_of({shard, there.count}));
    if (present) ++next;
  }
  return there;
}

std::vector<std::filesystem::path> shards_in(const std::filesystem::path& folder) {
  ShardsThere there = shards_there(folder);
  if (!there.missing.empty())
    throw CacheError("The face cache '" + folder.string() + "' has " + std::to_string(there.files.size()) + " of its " +
                     std::to_string(there.count) + " shards; missing are " + names_of(there.missing) +
                     ": run its preprocessing file again, which goes on where it stopped.");
  return std::move(there.files);
}

}  // namespace fergraph
