// The dtypes of saved arrays by safetensors' names. It needs no LibTorch.
#pragma once

#include <cstddef>
#include <string_view>

namespace fergraph {

/// Bytes of one element of a dtype by safetensors' name ("F32"); 0 for an unknown name.
std::size_t dtype_size(std::string_view name);

}  // namespace fergraph
