// Reads the pickles of PyTorch checkpoints without running anything in them. A pickle is a program for a stack machine,
// which may name any function of Python and call it; this machine knows the opcodes and the few classes that tensors
// and state dicts are made of, and refuses everything else. It needs no LibTorch. Source: pickletools.py of CPython
// (opcodes), torch/serialization.py and torch/_utils.py of PyTorch (classes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fergraph {

/// A pickle that is damaged or holds what is not known here. The message names the byte, the opcode or class, and the
/// remedy, without a full stop.
struct PickleError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Values refer to one another by their number in Pickle::values, so that a pickle that contains itself does no harm.
using PickleId = std::uint32_t;

struct PickleNone {};
/// An integer of more than 64 bits: little-endian two's complement.
struct PickleLong {
  std::string bytes;
};
struct PickleText {
  std::string text;  // UTF-8
};
struct PickleBytes {
  std::string bytes;
};
struct PickleTuple {
  std::vector<PickleId> items;
};
struct PickleList {
  std::vector<PickleId> items;
};
/// A dict or OrderedDict: key, value, key, value… in the order of writing; of equal keys the last one counts.
struct PickleDict {
  std::vector<PickleId> items;
};
enum class PickleClass : std::uint8_t {
  ordered_dict,
  size,
  rebuild_tensor,
  rebuild_tensor_v2,
  rebuild_parameter,
  storage  // one of torch.*Storage
};
/// A class or function that is known here.
struct PickleGlobal {
  PickleClass which = PickleClass::ordered_dict;
  std::string_view name;   // "torch.FloatStorage"; of static duration
  std::string_view dtype;  // storages: safetensors' name, "F32"
  std::uint8_t element_size = 0;
};
/// What a persistent id stands for: bytes that lie outside of the pickle.
struct PickleStorage {
  std::string key;
  std::string_view dtype;
  std::uint8_t element_size = 0;
  std::uint64_t elements = 0;                       // of the whole storage of that key
  std::uint64_t view_begin = 0, view_elements = 0;  // the part that is meant
};
/// A strided view of a storage; it fits into it.
struct PickleTensor {
  PickleId storage = 0;
  std::uint64_t offset = 0;  // in elements
  std::vector<std::int64_t> shape, strides;
};
using PickleValue = std::variant<PickleNone, bool, std::int64_t, PickleLong, double, PickleText, PickleBytes,
                                 PickleTuple, PickleList, PickleDict, PickleGlobal, PickleStorage, PickleTensor>;

struct Pickle {
  std::vector<PickleValue> values;
  PickleId root = 0;
  std::size_t end = 0;  // the byte after its last opcode

  const PickleValue& operator[](PickleId id) const { return values[id]; }
};

/// What a pickle may have; a network of ten thousand tensors stays far below.
struct PickleLimits {
  std::size_t bytes = std::size_t{64} << 20;
  std::size_t values = 1'000'000;  // and as many on the stack and in the memo, four times as many entries of containers
  std::size_t marks = 1'000;       // containers that are open at once
  std::size_t dimensions = 32;
};

/// Reads the pickle of protocol 0 to 5 that starts at byte `begin`. Time and memory are linear in its length and
/// bounded by the limits, whatever the bytes are. Throws PickleError.
Pickle read_pickle(std::span<const std::byte> bytes, std::size_t begin = 0, const PickleLimits& limits = {});

}  // namespace fergraph
