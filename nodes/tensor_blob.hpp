// Tensors as the arrays of saved states, and back.
#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "graph/state.hpp"

namespace fergraph {

/// safetensors' name of a dtype ("F32"). Throws std::runtime_error for one that has none.
std::string dtype_name(torch::ScalarType type);

/// A copy of the tensor's numbers, row-major. Waits for the device.
Blob blob_of(const torch::Tensor& tensor);

/// A new tensor on the CPU. Throws std::runtime_error where dtype, shape and size do not fit together.
torch::Tensor tensor_of(const Blob& blob);

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

Blobs blobs_of(const NamedTensors& tensors);

/// Copies the arrays into the tensors of the same names, in place. Throws RestoreError, before anything changed, naming
/// what is missing, unexpected, or of another shape or dtype; `owner` begins the message ("The network 'net'").
void restore_tensors(const std::string& owner, const NamedTensors& into, const Blobs& blobs);

/// The first four, each in quotes, and how many more there are, so that a message about a whole network stays readable.
std::string first_few(const std::vector<std::string>& names);

/// "[2, 3]".
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace fergraph
