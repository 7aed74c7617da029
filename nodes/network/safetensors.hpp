// Files of named arrays in the safetensors format (https://github.com/huggingface/safetensors, "Format"): the length of
// a JSON header, the header, the arrays' bytes.
#pragma once

#include <filesystem>

#include "graph/state.hpp"

namespace fergraph {

/// Throws std::runtime_error, "Cannot read 'path': …", for a file that is absent, cut short or inconsistent.
Blobs read_safetensors(const std::filesystem::path& path);

/// Writes beside `path`, syncs and renames: readers see the old file or the whole new one, after a loss of power too.
/// Throws std::runtime_error.
void write_safetensors(const std::filesystem::path& path, const Blobs& arrays);

}  // namespace fergraph
