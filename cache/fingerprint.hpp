// A fingerprint of everything that decides a cache's pixels, able to say what changed when two of them differ.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fergraph {

/// `hash` is the XXH3-128 of `json` in 32 hexadecimal digits; `json` is a JSON object of strings in the given order.
struct Fingerprint {
  std::string hash;
  std::string json;

  bool operator==(const Fingerprint&) const = default;
};

using Setting = std::pair<std::string, std::string>;

/// The order of the settings counts. Throws CacheError for a repeated key or text that is not UTF-8.
Fingerprint make_fingerprint(std::span<const Setting> settings);

/// The hash a fingerprint with this JSON text has.
std::string hash_of_json(std::string_view json);

/// The setting that tells a shard's own part of the data set, which differs from shard to shard.
inline constexpr std::string_view rows_setting = "rows";

/// One sentence per difference ("size: 48 in the cache, 64 wanted."), in the order of the wanted settings and then of
/// those no longer wanted; empty when nothing differs. Never throws for bad JSON: that is a difference too.
std::vector<std::string> describe_difference(std::string_view stored_json, std::string_view wanted_json);

/// The same for a cache that was made anew: "size: 48 before, 64 now.".
std::vector<std::string> describe_change(std::string_view before_json, std::string_view now_json);

/// The same for a shard ("size: 48 in the first, 64 in the other.") without the rows, which may differ.
std::vector<std::string> describe_shard_difference(std::string_view first_json, std::string_view other_json);

}  // namespace fergraph
