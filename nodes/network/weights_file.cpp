#include "nodes/network/weights_file.hpp"

#include <array>
#include <fstream>
#include <span>

#include "nodes/network/checkpoint.hpp"
#include "nodes/network/safetensors.hpp"

namespace fergraph {

bool is_checkpoint(const std::filesystem::path& path) {
  std::array<char, 9> first{};
  std::ifstream(path, std::ios::binary).read(first.data(), first.size());
  return begins_like_checkpoint(std::as_bytes(std::span(first)));
}

Blobs read_weights(const std::filesystem::path& path) {
  return is_checkpoint(path) ? read_checkpoint(path).arrays : read_safetensors(path);
}

}  // namespace fergraph
