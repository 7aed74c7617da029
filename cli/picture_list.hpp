// What a command line says of pictures, as a list of files: paths, folders, patterns, and paths on standard input.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace fergraph {

struct ListedPicture {
  std::filesystem::path file;
  /// Where it lies below what was named: of a picture in a folder its path there, else its name. A place for its copy.
  std::filesystem::path below;
};

struct PictureList {
  std::vector<ListedPicture> pictures;
  std::vector<std::string> warnings;  ///< folders without pictures, patterns that nothing fits
};

/// In the order of the words; folders are searched at any depth, by names that end as pictures' do (.jpg, .jpeg, .png,
/// .webp, .bmp, .tif, .tiff, .ppm, .pgm, .pnm), in alphabetical order, without hidden ones. `*`, `?` and `[...]` are
/// patterns unless a file is called so. "-" reads one path a line from `in`. What does not exist is listed all the
/// same: whoever opens it tells.
PictureList list_pictures(const std::vector<std::string>& words, std::istream& in);

}  // namespace fergraph
