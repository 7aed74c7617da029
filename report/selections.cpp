#include "report/selections.hpp"

#include "datasets/csv.hpp"
#include "nodes/batch/face_cache.hpp"
#include "report/run_directory.hpp"

namespace fergraph {

std::string selection_csv(const FaceCache& cache, const SelectedFaces& selected) {
  const std::vector<std::string>& names = cache.provenance().class_names;
  const auto name = [&](std::int64_t label) {
    return label >= 0 && label < static_cast<std::int64_t>(names.size())
               ? csv_field(names[static_cast<std::size_t>(label)])
               : std::string();
  };
  std::string text = "face,row,id,split,label,given\n";
  for (std::size_t i = 0; i < selected.faces.size(); ++i) {
    const std::int64_t face = selected.faces[i];
    text += std::to_string(face) + "," + std::to_string(cache.row(face)) + "," + csv_field(cache.id(face)) + "," +
            csv_field(cache.split(face)) + "," + name(cache.label(face)) + "," + name(selected.labels[i]) + "\n";
  }
  return text;
}

void write_selections(const Pipeline& pipeline, const std::filesystem::path& directory) {
  for (const StreamPlan& stream : pipeline.streams) {
    if (stream.nodes.empty() || stream.nodes.front().type->name != "face_cache") continue;
    const CacheSelection& selection =
        static_cast<const FaceCacheSource::Params*>(stream.nodes.front().parameters.get())->from;
    if (!selection.is_choice()) continue;
    const FaceCache cache(selection.cache);
    std::filesystem::create_directories(directory / "selections");
    write_whole(directory / "selections" / (stream.name + ".csv"),
                selection_csv(cache, select_faces(cache, selection)));
  }
}

}  // namespace fergraph
