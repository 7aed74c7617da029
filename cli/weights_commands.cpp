// `fergraph weights`: what is in a file of weights, and PyTorch checkpoints as safetensors.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "cli/commands.hpp"
#include "graph/problem.hpp"
#include "nodes/network/checkpoint.hpp"
#include "nodes/network/safetensors.hpp"
#include "nodes/network/weights_file.hpp"
#include "nodes/tensor_blob.hpp"

namespace fergraph {
namespace {

std::size_t bytes_of(const Blobs& arrays) {
  std::size_t bytes = 0;
  for (const auto& [name, blob] : arrays) bytes += blob.bytes.size();
  return bytes;
}

std::optional<Checkpoint> as_checkpoint(const WeightsCommand& command) {
  if (!is_checkpoint(command.file)) return std::nullopt;
  return read_checkpoint(command.file, command.key);
}

void tell_place(const Checkpoint& checkpoint) {
  if (!checkpoint.place.empty()) std::printf("The state dict stands under '%s'.\n", checkpoint.place.c_str());
  if (!checkpoint.left_out.empty())
    std::printf("Left out, as they are no tensors: %s.\n", listed(checkpoint.left_out).c_str());
}

}  // namespace

int weights_show_command(const WeightsCommand& command) {
  const std::optional<Checkpoint> checkpoint = as_checkpoint(command);
  const Blobs arrays = checkpoint ? checkpoint->arrays : read_safetensors(command.file);
  std::size_t longest = 0;
  for (const auto& [name, blob] : arrays) longest = std::max(longest, name.size());
  for (const auto& [name, blob] : arrays)
    std::printf("%-*s  %-4s %s\n", static_cast<int>(longest), name.c_str(), blob.dtype.c_str(),
                shape_text(blob.shape).c_str());
  if (checkpoint) tell_place(*checkpoint);
  std::printf("%zu arrays, %zu bytes\n", arrays.size(), bytes_of(arrays));
  return 0;
}

int weights_import_command(const WeightsCommand& command) {
  const std::optional<Checkpoint> checkpoint = as_checkpoint(command);
  if (!checkpoint)
    throw std::runtime_error(
        "'" + command.file.string() +
        "' is no checkpoint of PyTorch: it begins neither like a zip file nor like a pickle, or is "
        "absent. A safetensors file needs no import.");
  write_safetensors(command.out, checkpoint->arrays);
  tell_place(*checkpoint);
  std::printf("%zu arrays, %zu bytes are in %s\n", checkpoint->arrays.size(), bytes_of(checkpoint->arrays),
              command.out.string().c_str());
  return 0;
}

}  // namespace fergraph
