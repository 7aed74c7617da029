// Files of named arrays in the safetensors format (https://github.com/huggingface/safetensors, "Format"): the length of
// a JSON header, the header, the arrays' bytes.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "graph/state.hpp"

namespace fergraph {

/// The header's free part: texts by name.
using Metadata = std::map<std::string, std::string>;

struct Safetensors {
  Blobs arrays;
  Metadata metadata;
};

/// Throws std::runtime_error, "Cannot read 'path': …", for a file that is absent, cut short or inconsistent.
Safetensors read_safetensors_file(const std::filesystem::path& path);
/// The arrays alone.
Blobs read_safetensors(const std::filesystem::path& path);

/// Writes beside `path`, syncs and renames: readers see the old file or the whole new one, after a loss of power too.
/// Throws std::runtime_error.
void write_safetensors(const std::filesystem::path& path, const Blobs& arrays, const Metadata& metadata = {});

}  // namespace fergraph
