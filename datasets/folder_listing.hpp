// The entries of a folder in the same order on every machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fergraph {

/// Names by kind, each kind sorted byte by byte, which no locale changes. Names that begin with a dot are left out.
struct FolderListing {
  std::vector<std::string> folders, images, others;
};

/// Throws DatasetError where the folder cannot be listed.
FolderListing list_folder(const std::filesystem::path& folder);

/// Whether the name ends as one of an image does: .jpg .jpeg .png .bmp .tif .tiff .webp .pgm .ppm, in either case.
bool is_image_name(const std::string& name);

}  // namespace fergraph
