// Values of a network from a file of weights, with an account of what was taken from it.
#pragma once

#include <filesystem>

#include "nodes/tensor_blob.hpp"

namespace fergraph {

/// What takes values, and how strictly.
struct WeightsTarget {
  std::string owner;                // begins messages: "The network 'net' (resnet18)"
  NamedTensors tensors;             // of the whole network
  std::string head;                 // name of its classifier: "fc"
  std::vector<std::string> except;  // parts that need not fit: names up to a dot, or "head" for the classifier
};

/// What became of the names of a network and of a file.
struct WeightsReport {
  std::vector<std::string> loaded;
  std::vector<std::string> kept;  // excepted and absent from the file or of another shape; the reason follows the name
  std::vector<std::string> unused;  // excepted and of the file alone
  std::int64_t counters = 0;        // of batch normalisation, absent from the file (old ones have none), so still zero
  std::string wrapper;              // the beginning that was taken off all names of the file

  /// One sentence without its subject: "took 122 arrays from 'file'; …".
  std::string told(const std::filesystem::path& file) const;
};

/// Copies the file's arrays (safetensors or a PyTorch checkpoint) into the tensors of the same names. Floating-point
/// arrays may be of another precision. Where no name is known and all of them begin with the name of one usual wrapper
/// (module, backbone, encoder, model, …), that is taken off. Throws std::runtime_error, before anything changed, for a
/// file that cannot be read, for an exception that names no part, and naming what is missing, unexpected or of another
/// shape and not excepted.
WeightsReport load_weights(const std::filesystem::path& file, const WeightsTarget& target);

}  // namespace fergraph
