#include "report/provenance.hpp"

#include <ATen/Version.h>
#include <sys/utsname.h>
#include <torch/version.h>

#include <array>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>
#include <thread>

#include "cache/fingerprint.hpp"
#include "cache/reader.hpp"

namespace fergraph {
namespace {

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm local{};
  localtime_r(&time, &local);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S%z", &local);
  return text.data();
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown";
}

// The vector instructions that LibTorch's kernels use, such as AVX2: only its description of itself tells them.
std::string capability() {
  const std::string text = at::show_config();
  const std::string before = "CPU capability usage: ";
  const std::size_t begin = text.find(before);
  if (begin == std::string::npos) return "unknown";
  return text.substr(begin + before.size(), text.find('\n', begin) - begin - before.size());
}

// By their paths: fingerprints, the settings that decided the faces, and what the faces are.
struct Caches {
  nlohmann::ordered_json fingerprints = nlohmann::ordered_json::object();
  nlohmann::ordered_json settings = nlohmann::ordered_json::object();
  nlohmann::ordered_json faces = nlohmann::ordered_json::object();
};

// What the shards of a cache have in common, or all that its one file has.
nlohmann::ordered_json settings_of(const FaceCache& cache) {
  nlohmann::ordered_json settings = nlohmann::ordered_json::parse(cache.files().front()->provenance().fingerprint.json,
                                                                  nullptr, /*allow_exceptions=*/false);
  if (settings.is_object() && cache.files().size() > 1) settings.erase(std::string(rows_setting));
  return settings;
}

void add_cache(const Tree& selection, Caches& caches) {
  const Tree* cache = selection.is_map() ? selection.find("cache") : nullptr;
  if (!cache || !cache->is_scalar() || caches.fingerprints.contains(cache->text)) return;
  try {
    const FaceCache opened(cache->text);
    caches.fingerprints[cache->text] = opened.provenance().fingerprint.hash;
    caches.settings[cache->text] = settings_of(opened);
    caches.faces[cache->text] = {{"width", opened.shape().width},
                                 {"height", opened.shape().height},
                                 {"classes", opened.provenance().class_names}};
  } catch (const CacheError&) {
    // Whoever reads it tells.
  }
}

// `from: {cache: FILE, …}` of any node, at any depth, or a list of such.
void add_caches(const Tree& tree, Caches& caches) {
  for (const Tree::Member& member : tree.members) {
    if (member.key == "from") {
      add_cache(member.value, caches);
      for (const Tree& item : member.value.items) add_cache(item, caches);
    }
    add_caches(member.value, caches);
  }
}

Caches caches_of(const Pipeline& pipeline) {
  Caches caches;
  for (const char* section : {"streams", "epoch_start", "step", "epoch_end"})
    if (const Tree* found = pipeline.root.find(section)) add_caches(*found, caches);
  return caches;
}

nlohmann::ordered_json provenance_of(const Pipeline& pipeline, const RunIdentity& identity) {
  utsname machine{};
  uname(&machine);
  Caches caches = caches_of(pipeline);
  nlohmann::ordered_json versions = {
      {"fergraph", FERGRAPH_VERSION}, {"libtorch", TORCH_VERSION}, {"opencv", CV_VERSION}, {"compiler", __VERSION__}};
  // Empty where the sources are no git checkout.
  if (const std::string commit = FERGRAPH_COMMIT; !commit.empty()) versions["commit"] = commit;
  return {{"format", 1},
          {"pipeline", pipeline.name},
          {"file", pipeline.file},
          {"fingerprint", hash_of_json(pipeline.text)},
          {"started", now()},
          {"seed", identity.seed},
          {"threads", identity.threads},
          {"compute_threads", identity.compute_threads},
          {"lanes", identity.lanes},
          {"device", identity.device},
          {"checkpoints",
           {{"every_steps", identity.checkpoints.every_steps},
            {"newest", identity.checkpoints.newest},
            {"every_epochs", identity.checkpoints.every_epochs},
            {"best", identity.checkpoints.best}}},
          {"caches", std::move(caches.fingerprints)},
          {"cache_settings", std::move(caches.settings)},
          {"cache_faces", std::move(caches.faces)},
          {"versions", std::move(versions)},
          {"machine",
           {{"system", std::string(machine.sysname) + " " + machine.release},
            {"processor", processor()},
            {"capability", capability()},
            {"cores", std::thread::hardware_concurrency()}}}};
}

void add_differences(const std::string& where, const nlohmann::ordered_json& before, const nlohmann::ordered_json& now,
                     std::vector<std::string>& lines) {
  for (const auto& [key, value] : before.items()) {
    const std::string place = where.empty() ? key : where + "." + key;
    const auto found = now.find(key);
    if (value.is_object() && found != now.end() && found->is_object())
      add_differences(place, value, *found, lines);
    else if (found == now.end())
      lines.push_back(place + " was " + value.dump() + " and is not there");
    else if (*found != value)
      lines.push_back(place + " was " + value.dump() + " and is " + found->dump());
  }
}

}  // namespace

RunIdentity read_identity(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in)
    throw RunError("'" + file.parent_path().string() + "' holds no run: it has no 'provenance.json'. Check the path.");
  try {
    const auto json = nlohmann::json::parse(in);
    RunIdentity identity{json.at("seed"),  json.at("threads"), json.at("compute_threads"),
                         json.at("lanes"), json.at("device"),  {}};
    // Older runs do not tell.
    if (const auto rules = json.find("checkpoints"); rules != json.end())
      identity.checkpoints = {rules->at("every_steps"), rules->at("newest"), rules->at("every_epochs"),
                              rules->at("best")};
    return identity;
  } catch (const nlohmann::json::exception& error) {
    throw RunError("'" + file.string() + "' does not say how its run was made: " + error.what() + ".");
  }
}

std::string provenance_text(const Pipeline& pipeline, const RunIdentity& identity) {
  return provenance_of(pipeline, identity).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::vector<std::string> provenance_differences(const std::filesystem::path& file, const Pipeline& pipeline,
                                                const RunIdentity& identity) {
  std::ifstream in(file);
  nlohmann::ordered_json before = nlohmann::ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  std::vector<std::string> lines;
  if (!before.is_object()) return lines;
  for (const char* key :
       {"format", "pipeline", "file", "fingerprint", "started", "cache_settings", "cache_faces", "checkpoints"})
    before.erase(key);
  add_differences("", before, provenance_of(pipeline, identity), lines);
  return lines;
}

bool is_provenance_of(const std::filesystem::path& file, const Pipeline& pipeline) {
  std::ifstream in(file);
  const auto before = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  return !before.is_object() || !before.contains("fingerprint") || before["fingerprint"] == hash_of_json(pipeline.text);
}

std::vector<CacheChange> cache_changes(const std::filesystem::path& file, const Pipeline& pipeline) {
  std::ifstream in(file);
  const auto before = nlohmann::ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  std::vector<CacheChange> changes;
  if (!before.is_object() || !before.contains("caches") || !before["caches"].is_object()) return changes;
  const Caches now = caches_of(pipeline);
  for (const auto& [path, fingerprint] : before["caches"].items()) {
    const auto found = now.fingerprints.find(path);
    if (found == now.fingerprints.end() || *found == fingerprint || !fingerprint.is_string()) continue;
    CacheChange change{path, fingerprint.get<std::string>(), found->get<std::string>(), {}};
    const auto settings = before.find("cache_settings");
    if (settings != before.end() && settings->is_object() && settings->contains(path))
      change.sentences = describe_change((*settings)[path].dump(), now.settings[path].dump());
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace fergraph
