// A folder of images as a data set: class-name/*.jpg, or split/class-name/*.jpg, in the same order on every machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/class_names.hpp"
#include "datasets/sample_table.hpp"

namespace fergraph {

enum class FolderLayout {
  automatic,  ///< splits, if the folders below the root hold folders and no images; classes, if they hold images
  classes,    ///< root/class-name/image
  splits      ///< root/split/class-name/image
};

struct FolderOptions {
  FolderLayout layout = FolderLayout::automatic;
  /// The classes in their order; empty: the names of the folders, in lower case and sorted.
  std::vector<std::string> class_names;
  LabelAliases aliases;
};

/// Lists the images (.jpg .jpeg .png .bmp .tif .tiff .webp .pgm .ppm, upper or lower case) sorted by split, class
/// folder and name, each byte by byte, which no locale changes. Names that begin with a dot are passed over; other
/// files are counted in a warning. Sample::image and id are the path below the root with forward slashes. Throws
/// DatasetError: no such folder, no image at all, a class folder of no known class, splits and classes side by side, an
/// entry that cannot be read.
SampleTable read_folder_dataset(const std::filesystem::path& root, const FolderOptions& options = {});

}  // namespace fergraph
