#include "report/trained_faces.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "report/evaluation_document.hpp"
#include "report/selections.hpp"

namespace fergraph {
namespace {

// What the labels of the step come from, else what is first.
std::optional<CacheSelection> trained_selection(const Pipeline& pipeline) {
  std::optional<CacheSelection> found;
  const auto look = [&](const StreamPlan& stream) {
    if (found || stream.nodes.empty()) return;
    const std::vector<CacheSelection> selections = selections_of(stream.nodes.front());
    if (!selections.empty()) found = selections.front();
  };
  for (const int stream : streams_of_step(pipeline))
    if (gives_labels(pipeline.streams[static_cast<std::size_t>(stream)]))
      look(pipeline.streams[static_cast<std::size_t>(stream)]);
  for (const StreamPlan& stream : pipeline.streams) look(stream);
  return found;
}

// The pipeline's parameter of that name; empty where it has none.
std::vector<std::string> class_names(const Pipeline& pipeline) {
  const Tree* names = pipeline.params() ? pipeline.params()->find("class_names") : nullptr;
  return names && names->is_list() ? Codec<std::vector<std::string>>::parse(*names, nullptr)
                                   : std::vector<std::string>{};
}

}  // namespace

TrainedFaces trained_faces(const std::filesystem::path& directory, const Pipeline& pipeline) {
  TrainedFaces faces;
  const std::optional<CacheSelection> selection = trained_selection(pipeline);
  if (!selection) {
    faces.classes = class_names(pipeline);
    return faces;
  }
  faces.cache = selection->cache.string();
  faces.classes = selection->classes;
  std::ifstream in(directory / "provenance.json");
  const auto provenance = nlohmann::ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  const auto under = [&](const char* key) -> const nlohmann::ordered_json* {
    if (!provenance.is_object() || !provenance.contains(key) || !provenance[key].is_object()) return nullptr;
    const auto found = provenance[key].find(faces.cache);
    return found == provenance[key].end() ? nullptr : &*found;
  };
  if (const auto* settings = under("cache_settings")) faces.settings = settings->dump();
  try {
    if (const auto* known = under("cache_faces")) {
      faces.width = known->at("width");
      faces.height = known->at("height");
      if (faces.classes.empty()) faces.classes = known->at("classes");
      return faces;
    }
    const FaceCache cache(selection->cache);
    faces.width = cache.shape().width;
    faces.height = cache.shape().height;
    if (faces.classes.empty()) faces.classes = cache.provenance().class_names;
  } catch (const std::exception&) {
    // The cache may be gone, and the provenance of an older run tells less.
    if (faces.classes.empty()) faces.classes = class_names(pipeline);
  }
  return faces;
}

}  // namespace fergraph
