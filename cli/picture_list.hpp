// What a command line says of pictures, as a list of files: paths, folders, patterns, and paths on standard input.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace fergraph {

/// The ending of a file's name in small letters, ".jpg" of "a.JPG".
std::string ending_of(const std::filesystem::path& file);
/// Whether the name ends as a picture's does, in small or capital letters: .jpg, .jpeg, .png, .webp, .bmp, .tif, .tiff,
/// .ppm, .pgm or .pnm.
bool is_picture_name(const std::filesystem::path& file);

struct ListedPicture {
  std::filesystem::path file;
  /// Where it lies below what was named: of a picture in a folder its path there, else its name. A place for its copy.
  std::filesystem::path below;
};

struct PictureList {
  std::vector<ListedPicture> pictures;
  /// Of words that named no picture: folders without pictures or that cannot be read, patterns that nothing fits.
  std::vector<std::string> warnings;
};

/// In the order of the words; folders are searched at any depth, by names that end as pictures' do, in alphabetical
/// order, without hidden ones. `*`, `?` and `[...]` are patterns unless a file is called so. "-" reads one path a line
/// from `in`. What does not exist is listed all the same: whoever opens it tells.
PictureList list_pictures(const std::vector<std::string>& words, std::istream& in);

}  // namespace fergraph
