#include "cache/fingerprint.hpp"

#include <xxhash.h>

#include <nlohmann/json.hpp>
#include <set>

#include "cache/error.hpp"

namespace fergraph {

namespace {

using Json = nlohmann::ordered_json;

std::string shown(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace);
}

// How the two sides of a comparison are called.
struct Sides {
  const char* absent;
  const char* before;
  const char* after;
};

std::vector<std::string> compare(const Json& before, const Json& after, const Sides& sides) {
  std::vector<std::string> sentences;
  for (const auto& [key, value] : after.items()) {
    const auto kept = before.find(key);
    if (kept == before.end())
      sentences.push_back(key + ": " + sides.absent + ", " + shown(value) + " " + sides.after + ".");
    else if (*kept != value)
      sentences.push_back(key + ": " + shown(*kept) + " " + sides.before + ", " + shown(value) + " " + sides.after +
                          ".");
  }
  for (const auto& [key, value] : before.items())
    if (!after.contains(key))
      sentences.push_back(key + ": " + shown(value) + " " + sides.before + ", none " + sides.after + ".");
  return sentences;
}

Json parse_object(std::string_view text) { return Json::parse(text, nullptr, /*allow_exceptions=*/false); }

}  // namespace

std::string hash_of_json(std::string_view json) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(json.data(), json.size()));
  constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : canonical.digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

Fingerprint make_fingerprint(std::span<const Setting> settings) {
  Json object = Json::object();
  std::set<std::string_view> seen;
  for (const auto& [key, value] : settings) {
    if (!seen.insert(key).second)
      throw CacheError("The setting '" + key + "' is given twice to a fingerprint: give each setting once.");
    object.emplace(key, value);
  }
  try {
    std::string json = object.dump();
    std::string hash = hash_of_json(json);
    return {std::move(hash), std::move(json)};
  } catch (const Json::exception&) {
    throw CacheError("A setting of a fingerprint is not UTF-8 text: give its bytes as UTF-8 or in hexadecimal digits.");
  }
}

std::vector<std::string> describe_difference(std::string_view stored_json, std::string_view wanted_json) {
  if (stored_json == wanted_json) return {};
  const Json stored = parse_object(stored_json);
  const Json wanted = parse_object(wanted_json);
  if (!stored.is_object()) return {"The settings kept in the cache cannot be read."};
  if (!wanted.is_object()) return {"The wanted settings are not a JSON object."};
  std::vector<std::string> sentences = compare(stored, wanted, {"absent from the cache", "in the cache", "wanted"});
  if (sentences.empty()) sentences.emplace_back("The settings are the same, written in another order.");
  return sentences;
}

std::vector<std::string> describe_change(std::string_view before_json, std::string_view now_json) {
  const Json before = parse_object(before_json);
  const Json now = parse_object(now_json);
  if (!before.is_object() || !now.is_object()) return {};
  return compare(before, now, {"absent before", "before", "now"});
}

std::vector<std::string> describe_shard_difference(std::string_view first_json, std::string_view other_json) {
  if (first_json == other_json) return {};
  Json first = parse_object(first_json);
  Json other = parse_object(other_json);
  if (!first.is_object() || !other.is_object()) return {"The settings kept in them cannot be read."};
  for (Json* each : {&first, &other}) each->erase(std::string(rows_setting));
  return compare(first, other, {"absent from the first", "in the first", "in the other"});
}

}  // namespace fergraph
