#include "nodes/tensor_blob.hpp"

#include <ATen/core/grad_mode.h>
#include <array>
#include <cstring>

#include "graph/problem.hpp"

namespace fergraph {
namespace {

struct DtypeName {
  const char* name;
  torch::ScalarType type;
};

constexpr std::array<DtypeName, 10> dtype_names = {{{"F32", torch::kFloat32},
                                                    {"F64", torch::kFloat64},
                                                    {"F16", torch::kFloat16},
                                                    {"BF16", torch::kBFloat16},
                                                    {"I64", torch::kInt64},
                                                    {"I32", torch::kInt32},
                                                    {"I16", torch::kInt16},
                                                    {"U8", torch::kUInt8},
                                                    {"I8", torch::kInt8},
                                                    {"BOOL", torch::kBool}}};

}  // namespace

std::string dtype_name(torch::ScalarType type) {
  for (const DtypeName& entry : dtype_names)
    if (entry.type == type) return entry.name;
  throw std::runtime_error(std::string("Tensors of dtype ") + c10::toString(type) + " cannot be saved.");
}

std::string first_few(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 4;
  if (names.size() <= shown) return listed(names);
  const std::vector<std::string> head(names.begin(), names.begin() + shown);
  return listed(head) + " (and " + std::to_string(names.size() - shown) + " more)";
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

Blob blob_of(const torch::Tensor& tensor) {
  const torch::Tensor host = tensor.detach().to(torch::kCPU).contiguous();
  Blob blob{dtype_name(host.scalar_type()), host.sizes().vec(), std::vector<std::byte>(host.nbytes())};
  if (!blob.bytes.empty()) std::memcpy(blob.bytes.data(), host.data_ptr(), blob.bytes.size());
  return blob;
}

torch::Tensor tensor_of(const Blob& blob) {
  for (const DtypeName& entry : dtype_names) {
    if (blob.dtype != entry.name) continue;
    torch::Tensor tensor = torch::empty(blob.shape, torch::TensorOptions().dtype(entry.type));
    if (tensor.nbytes() != blob.bytes.size())
      throw std::runtime_error("An array of shape " + shape_text(blob.shape) + " and dtype " + blob.dtype + " needs " +
                               std::to_string(tensor.nbytes()) + " bytes but has " + std::to_string(blob.bytes.size()) +
                               ".");
    if (!blob.bytes.empty()) std::memcpy(tensor.data_ptr(), blob.bytes.data(), blob.bytes.size());
    return tensor;
  }
  throw std::runtime_error("The dtype '" + blob.dtype + "' of a saved array is not known.");
}

Blobs blobs_of(const NamedTensors& tensors) {
  Blobs blobs;
  for (const auto& [name, tensor] : tensors) blobs.emplace(name, blob_of(tensor));
  return blobs;
}

void restore_tensors(const std::string& owner, const NamedTensors& into, const Blobs& blobs) {
  std::vector<std::string> missing, unexpected, different;
  Blobs rest = blobs;
  for (const auto& [name, tensor] : into) {
    const auto found = rest.find(name);
    if (found == rest.end()) {
      missing.push_back(name);
      continue;
    }
    const std::string expected = dtype_name(tensor.scalar_type()) + " " + shape_text(tensor.sizes().vec());
    const std::string saved = found->second.dtype + " " + shape_text(found->second.shape);
    if (saved != expected) different.push_back(name + " is " + saved + " and should be " + expected);
    rest.erase(found);
  }
  for (const auto& [name, blob] : rest) unexpected.push_back(name);
  std::string message;
  if (!missing.empty()) message += " Missing: " + first_few(missing) + ".";
  if (!unexpected.empty()) message += " Unexpected: " + first_few(unexpected) + ".";
  if (!different.empty()) message += " Different: " + first_few(different) + ".";
  if (!message.empty()) throw RestoreError(owner + " cannot be restored from these arrays." + message);

  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : into) torch::Tensor(tensor).copy_(tensor_of(blobs.at(name)));
}

}  // namespace fergraph
