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

  std::vector<std::string> sentences;
  for (const auto& [key, value] : wanted.items()) {
    const auto kept = stored.find(key);
    if (kept == stored.end())
      sentences.push_back(key + ": absent from the cache, " + shown(value) + " wanted.");
    else if (*kept != value)
      sentences.push_back(key + ": " + shown(*kept) + " in the cache, " + shown(value) + " wanted.");
  }
  for (const auto& [key, value] : stored.items())
    if (!wanted.contains(key)) sentences.push_back(key + ": " + shown(value) + " in the cache, none wanted.");
  if (sentences.empty()) sentences.emplace_back("The settings are the same, written in another order.");
  return sentences;
}

}  // namespace fergraph
