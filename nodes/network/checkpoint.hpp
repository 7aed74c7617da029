// Files of weights as others write them: checkpoints of PyTorch (torch.save), in the zip format (since 1.6) and in the
// legacy one, read without running anything that is in them. It needs no LibTorch.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "graph/state.hpp"

namespace fergraph {

/// The state dict of a checkpoint.
struct Checkpoint {
  /// Row-major copies of its tensors. Leading "module." (DataParallel) and "_orig_mod." (torch.compile) are taken off
  /// their names.
  Blobs arrays;
  /// Where in the checkpoint it stood: "" at the top, else keys joined by dots, "state_dict".
  std::string place;
  /// Its entries that are no tensors, and so are not among the arrays.
  std::vector<std::string> left_out;
};

/// Reads the state dict at `place` (keys joined by dots), or where `place` is empty the one at the top or nested under
/// one of the usual keys: state_dict, model_state_dict, model, net, network, module, weights. Strided views become
/// dense; bool bytes become 0 or 1. Throws std::runtime_error, "Cannot read 'path': …", for a file that is absent,
/// damaged, big-endian, a TorchScript archive, or holds anything beyond tensors, numbers, texts and containers of them.
Checkpoint read_checkpoint(const std::filesystem::path& path, const std::string& place = {});

/// The same of a file's bytes; messages have neither path nor full stop.
Checkpoint parse_checkpoint(std::span<const std::byte> bytes, const std::string& place = {});

/// Whether these first bytes of a file (nine are enough) are those of a checkpoint.
bool begins_like_checkpoint(std::span<const std::byte> bytes);

}  // namespace fergraph
