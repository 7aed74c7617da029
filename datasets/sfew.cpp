#include "datasets/sfew.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "datasets/dataset_error.hpp"
#include "datasets/folder_listing.hpp"

namespace fergraph {
namespace {

// Names of folders in the order of the classes below.
constexpr std::array<std::string_view, 7> class_folders = {"angry",   "disgust", "fear",    "happy",
                                                           "neutral", "sad",     "surprise"};
const std::vector<std::string> layout_classes = {"anger",   "disgust", "fear",    "happiness",
                                                 "neutral", "sadness", "surprise"};

std::optional<std::string> split_of(const std::string& folder) {
  const std::string name = lower_case(folder);
  if (name == "train") return "train";
  if (name == "val" || name == "valid" || name == "validation") return "valid";
  if (name == "test") return "test";
  return std::nullopt;
}

std::optional<std::size_t> class_of(const std::string& folder) {
  const std::string name = lower_case(folder);
  for (std::size_t c = 0; c < layout_classes.size(); ++c)
    if (name == class_folders[c] || name == layout_classes[c]) return c;
  return std::nullopt;
}

}  // namespace

SampleTable Sfew::read() const {
  LayoutTable table(root, root, layout_classes, seven_expressions(), classes);
  if (table.classes() == layout_classes.size()) {
    const bool original = images == SfewImages::original;
    table.publish_split("train", original ? 958 : 891);
    table.publish_split("valid", original ? 436 : 431);
  }
  std::int64_t row = 0;
  const auto add = [&](const std::string& folder, const std::string& name, const std::string& split,
                       std::optional<std::size_t> layout_class) {
    Sample sample;
    sample.row = row++;
    sample.split = split;
    sample.image = folder + "/" + name;
    const std::string place = (root / folder / name).string();
    if (layout_class)
      table.add(std::move(sample), *layout_class, place);
    else
      table.add_unlabeled(std::move(sample), place);
  };
  bool found_split = false;
  for (const std::string& folder : list_folder(root).folders) {
    const std::optional<std::string> split = split_of(folder);
    if (!split) {
      table.note("folders that are none of Train, Val and Test, passed over", (root / folder).string());
      continue;
    }
    found_split = true;
    const FolderListing listing = list_folder(root / folder);
    for (const std::string& name : listing.images) {
      if (*split == "test")
        add(folder, name, *split, std::nullopt);
      else
        table.note("images outside of the folders of classes, passed over", (root / folder / name).string());
    }
    for (const std::string& class_folder : listing.folders) {
      const std::optional<std::size_t> found = class_of(class_folder);
      if (!found) {
        const std::optional<std::string> near =
            closest_name(class_folder, {"Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"});
        throw DatasetError(root / folder / class_folder,
                           "the folder is named for no class" + (near ? "; did you mean '" + *near + "'?" : ".") +
                               " Angry, Disgust, Fear, Happy, Neutral, Sad and Surprise are known.");
      }
      const std::string below = folder + "/" + class_folder;
      for (const std::string& name : list_folder(root / below).images) add(below, name, *split, found);
    }
  }
  if (!found_split) throw DatasetError(root, "there is no folder Train, Val or Test; name the folder that holds them.");
  return table.finish();
}

static_assert(DatasetReader<Sfew>);

}  // namespace fergraph
