#include <cstdio>
#include <map>

#include "cache/reader.hpp"
#include "cli/commands.hpp"

namespace fergraph {

int cache_command(const std::string& action, const std::filesystem::path& file) {
  const FaceCache cache(file);
  if (action == "verify") {
    const std::vector<std::int64_t> damaged = cache.verify();
    for (const std::int64_t face : damaged)
      std::printf("damaged: face %lld, %s\n", static_cast<long long>(face), std::string(cache.id(face)).c_str());
    if (damaged.empty()) std::printf("All %lld faces are whole.\n", static_cast<long long>(cache.size()));
    return damaged.empty() ? 0 : 1;
  }
  const auto& names = cache.provenance().class_names;
  const std::size_t files = cache.files().size();
  std::printf("%lld faces of %dx%d, %zu voids%s\nfingerprint %s\n", static_cast<long long>(cache.size()),
              cache.shape().width, cache.shape().height, cache.voids().size(),
              files > 1 ? (", in " + std::to_string(files) + " shards").c_str() : "",
              cache.provenance().fingerprint.hash.c_str());
  std::map<std::string, std::map<std::int64_t, std::int64_t>> counts;
  for (std::int64_t i = 0; i < cache.size(); ++i) ++counts[std::string(cache.split(i))][cache.label(i)];
  for (const auto& [split, classes] : counts) {
    std::printf("%s:", split.empty() ? "all" : split.c_str());
    for (const auto& [label, count] : classes) {
      const std::string name = label >= 0 && label < static_cast<std::int64_t>(names.size())
                                   ? names[static_cast<std::size_t>(label)]
                                   : "unknown";
      std::printf("  %s %lld", name.c_str(), static_cast<long long>(count));
    }
    std::printf("\n");
  }
  return 0;
}

}  // namespace fergraph
