// The one type of error of this folder: a complete sentence that names the file, the line and the remedy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace fergraph {

/// A data set that cannot be read as asked. what() begins with "file:line: " where a line is known, and with "file: "
/// where only the file is.
struct DatasetError : std::runtime_error {
  using std::runtime_error::runtime_error;
  DatasetError(const std::filesystem::path& file, const std::string& sentence)
      : std::runtime_error(file.string() + ": " + sentence) {}
  DatasetError(const std::filesystem::path& file, std::int64_t line, const std::string& sentence)
      : std::runtime_error(file.string() + ":" + std::to_string(line) + ": " + sentence) {}
};

}  // namespace fergraph
