#include "datasets/folder_listing.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "datasets/class_names.hpp"
#include "datasets/dataset_error.hpp"

namespace fergraph {

namespace fs = std::filesystem;

bool is_image_name(const std::string& name) {
  static const std::array<std::string, 9> extensions = {".jpg",  ".jpeg", ".png", ".bmp", ".tif",
                                                        ".tiff", ".webp", ".pgm", ".ppm"};
  return std::find(extensions.begin(), extensions.end(), lower_case(fs::path(name).extension().string())) !=
         extensions.end();
}

FolderListing list_folder(const fs::path& folder) {
  FolderListing listing;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code broken_link;
    if (entry->is_directory(broken_link)) {
      listing.folders.push_back(std::move(name));
    } else if (is_image_name(name)) {
      // A link that leads nowhere stays in the list: decoding will say so by its path.
      listing.images.push_back(std::move(name));
    } else {
      listing.others.push_back(std::move(name));
    }
  }
  if (error) {
    throw DatasetError(folder,
                       "the folder cannot be listed (" + error.message() + "); check the path and permissions.");
  }
  std::sort(listing.folders.begin(), listing.folders.end());
  std::sort(listing.images.begin(), listing.images.end());
  std::sort(listing.others.begin(), listing.others.end());
  return listing;
}

}  // namespace fergraph
