// Files of weights of either kind: safetensors and PyTorch checkpoints.
#pragma once

#include <filesystem>

#include "graph/state.hpp"

namespace fergraph {

/// Whether the file begins like a PyTorch checkpoint; false for one that cannot be read.
bool is_checkpoint(const std::filesystem::path& path);

/// The arrays of a safetensors file, or of the state dict of a checkpoint (nodes/network/checkpoint.hpp), told apart by
/// their first bytes. Throws std::runtime_error, "Cannot read 'path': …".
Blobs read_weights(const std::filesystem::path& path);

}  // namespace fergraph
