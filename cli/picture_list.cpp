#include "cli/picture_list.hpp"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <istream>

namespace fergraph {
namespace {

namespace fs = std::filesystem;

void add_folder(const fs::path& folder, PictureList& list) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator
           at(folder, fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied,
              error),
       end;
       !error && at != end; at.increment(error)) {
    const bool is_hidden = at->path().filename().string().starts_with('.');
    std::error_code ignored;
    if (is_hidden && at->is_directory(ignored)) at.disable_recursion_pending();
    // A ring of links would be walked for ever.
    if (at.depth() > 64) at.disable_recursion_pending();
    if (!is_hidden && is_picture_name(at->path()) && at->is_regular_file(ignored)) files.push_back(at->path());
  }
  if (error) list.warnings.push_back("The folder '" + folder.string() + "' cannot be read: " + error.message() + ".");
  if (files.empty() && !error) list.warnings.push_back("The folder '" + folder.string() + "' holds no pictures.");
  std::sort(files.begin(), files.end());
  for (fs::path& file : files) {
    fs::path below = file.lexically_relative(folder);
    list.pictures.push_back({std::move(file), std::move(below)});
  }
}

void add_word(const std::string& word, PictureList& list) {
  std::error_code ignored;
  if (fs::is_directory(word, ignored)) {
    add_folder(word, list);
    return;
  }
  if (word.find_first_of("*?[") == std::string::npos || fs::exists(word, ignored)) {
    list.pictures.push_back({word, fs::path(word).filename()});
    return;
  }
  glob_t found{};
  if (::glob(word.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      const fs::path file = found.gl_pathv[i];
      if (fs::is_directory(file, ignored))
        add_folder(file, list);
      else
        list.pictures.push_back({file, file.filename()});
    }
  else
    list.warnings.push_back("No file fits '" + word + "'.");
  ::globfree(&found);
}

}  // namespace

std::string ending_of(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending;
}

bool is_picture_name(const fs::path& file) {
  static constexpr std::array<const char*, 10> endings = {".jpg", ".jpeg", ".png", ".webp", ".bmp",
                                                          ".tif", ".tiff", ".ppm", ".pgm",  ".pnm"};
  return std::find(endings.begin(), endings.end(), ending_of(file)) != endings.end();
}

PictureList list_pictures(const std::vector<std::string>& words, std::istream& in) {
  PictureList list;
  for (const std::string& word : words) {
    if (word != "-") {
      add_word(word, list);
      continue;
    }
    for (std::string line; std::getline(in, line);) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty()) list.pictures.push_back({line, fs::path(line).filename()});
    }
  }
  return list;
}

}  // namespace fergraph
