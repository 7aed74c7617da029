#include "report/selections.hpp"

#include "datasets/csv.hpp"
#include "nodes/batch/face_union.hpp"
#include "report/run_directory.hpp"

namespace fergraph {

std::vector<CacheSelection> selections_of(const NodePlan& source) {
  if (source.type->name == "face_cache")
    return {static_cast<const FaceCacheSource::Params*>(source.parameters.get())->from};
  if (source.type->name == "face_union") return static_cast<const FaceUnion::Params*>(source.parameters.get())->from;
  return {};
}

std::string selection_csv(const FaceCache& cache, const SelectedFaces& selected) {
  const auto name = [](const std::vector<std::string>& names, std::int64_t label) {
    return label >= 0 && label < static_cast<std::int64_t>(names.size())
               ? csv_field(names[static_cast<std::size_t>(label)])
               : std::string();
  };
  std::string text = "face,row,id,split,label,given\n";
  for (std::size_t i = 0; i < selected.faces.size(); ++i) {
    const std::int64_t face = selected.faces[i];
    text += std::to_string(face) + "," + std::to_string(cache.row(face)) + "," + csv_field(cache.id(face)) + "," +
            csv_field(cache.split(face)) + "," + name(cache.provenance().class_names, cache.label(face)) + "," +
            name(selected.class_names, selected.labels[i]) + "\n";
  }
  return text;
}

void write_selections(const Pipeline& pipeline, const std::filesystem::path& directory) {
  for (const StreamPlan& stream : pipeline.streams) {
    if (stream.nodes.empty()) continue;
    const std::vector<CacheSelection> selections = selections_of(stream.nodes.front());
    for (std::size_t i = 0; i < selections.size(); ++i) {
      if (!selections[i].is_choice()) continue;
      const FaceCache cache(selections[i].cache);
      std::filesystem::create_directories(directory / "selections");
      const std::string name = stream.name + (selections.size() > 1 ? "-" + std::to_string(i + 1) : "");
      write_whole(directory / "selections" / (name + ".csv"), selection_csv(cache, select_faces(cache, selections[i])));
    }
  }
}

}  // namespace fergraph
