#include "datasets/folder_reader.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "datasets/dataset_error.hpp"
#include "datasets/folder_listing.hpp"

namespace fergraph {
namespace {

namespace fs = std::filesystem;

bool holds_splits(const fs::path& root, const FolderListing& top, FolderLayout layout) {
  if (layout != FolderLayout::automatic) return layout == FolderLayout::splits;
  std::string with_images, with_folders;
  for (const std::string& name : top.folders) {
    const FolderListing below = list_folder(root / name);
    if (!below.images.empty()) {
      with_images = name;
    } else if (!below.folders.empty()) {
      with_folders = name;
    }
  }
  if (!with_images.empty() && !with_folders.empty()) {
    throw DatasetError(root, "'" + with_images + "' holds images, as a class does, and '" + with_folders +
                                 "' holds folders, as a split does; state the layout (classes or splits), or give "
                                 "all folders the same depth.");
  }
  return !with_folders.empty();
}

}  // namespace

SampleTable read_folder_dataset(const fs::path& root, const FolderOptions& options) {
  std::error_code ignored;
  if (!fs::is_directory(root, ignored)) {
    throw DatasetError(root, "there is no such folder; check the path, which is taken relative to the current folder.");
  }
  SampleTable table;
  table.root = root;
  LabelMap labels(root, options.class_names, options.aliases);
  std::int64_t others = 0;
  std::string first_other;
  const auto count_others = [&](const std::string& below, const std::vector<std::string>& names) {
    if (others == 0 && !names.empty()) first_other = below + names.front();
    others += static_cast<std::int64_t>(names.size());
  };

  const FolderListing top = list_folder(root);
  count_others("", top.others);
  count_others("", top.images);
  std::vector<std::string> splits = {""};
  if (holds_splits(root, top, options.layout)) splits = top.folders;
  for (const std::string& split : splits) {
    const FolderListing classes = split.empty() ? top : list_folder(root / split);
    if (!split.empty()) {
      count_others(split + "/", classes.others);
      count_others(split + "/", classes.images);
    }
    for (const std::string& name : classes.folders) {
      const std::string below = (split.empty() ? "" : split + "/") + name;
      const FolderListing files = list_folder(root / below);
      count_others(below + "/", files.others);
      for (const std::string& folder : files.folders) {
        if (!list_folder(root / below / folder).images.empty()) {
          throw DatasetError(root / below / folder,
                             "images stand a folder deeper than the layout has them; the layout is " +
                                 std::string(split.empty() ? "class/image" : "split/class/image") +
                                 ", move them up or state another layout.");
        }
      }
      if (files.images.empty()) {
        table.warnings.push_back((root / below).string() + ": the folder holds no image.");
        continue;
      }
      std::int64_t left_out = 0;
      for (const std::string& file : files.images) {
        const LabelMap::Result result = labels.map(name, (root / below).string());
        if (result.kind == LabelMap::Kind::left_out) {
          ++left_out;
          continue;
        }
        Sample sample;
        sample.image = below + "/" + file;
        sample.id = sample.image;
        sample.label = result.label;
        sample.split = split;
        sample.row = static_cast<std::int64_t>(table.samples.size());
        table.samples.push_back(std::move(sample));
      }
      if (left_out) {
        table.warnings.push_back((root / below).string() + ": " + std::to_string(left_out) +
                                 (left_out == 1 ? " image was" : " images were") + " left out, as the alias ~ asks.");
      }
    }
  }
  const std::vector<std::int64_t> numbers = labels.finish();
  table.class_names = labels.class_names();
  for (Sample& sample : table.samples) sample.label = numbers[static_cast<std::size_t>(sample.label)];
  if (others) {
    table.warnings.push_back(root.string() + ": " + std::to_string(others) + (others == 1 ? " file is" : " files are") +
                             " no image of a class and " + (others == 1 ? "was" : "were") +
                             " passed over (first: " + first_other + ").");
  }
  const std::vector<std::string> split_warnings = table.split_warnings();
  table.warnings.insert(table.warnings.end(), split_warnings.begin(), split_warnings.end());
  if (table.samples.empty()) {
    throw DatasetError(root, "no image of any class was found; expected class-name/image or split/class-name/image.");
  }
  return table;
}

}  // namespace fergraph
