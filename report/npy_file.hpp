// Writes NumPy's array files (.npy): what Python reads with numpy.load.
#pragma once

#include <torch/types.h>

#include <filesystem>

namespace fergraph {

/// A float32 [N,D] array, row-major, in format version 1.0 (NumPy Enhancement Proposal 1), under its name when it is
/// whole. Throws RunError where it cannot be written.
void write_npy(const std::filesystem::path& file, const torch::Tensor& array);

}  // namespace fergraph
