// What lasts between calls of nodes: named states, their kinds, and how a node refers to them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "graph/random.hpp"
#include "graph/tree.hpp"
#include "graph/value.hpp"

namespace fergraph {

/// One array of a saved state: raw row-major bytes. dtype is one of safetensors' names (F32, F64, I64, U8, BOOL, …).
struct Blob {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};
using Blobs = std::map<std::string, Blob>;

/// A restore that cannot be: names what differs.
struct RestoreError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class State {
 public:
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  virtual ~State() = default;

  /// Everything that later steps depend on, by name.
  virtual Blobs save() const = 0;
  /// Takes the place of what is there. Throws RestoreError naming missing, unexpected and differently shaped arrays.
  virtual void restore(const Blobs& blobs) = 0;
  /// What a record of the state shows; nothing where the state has no natural array.
  virtual std::optional<NumericArray> numbers() const { return std::nullopt; }
};

enum class Access { read, write };

/// Thin references by which a node's `State` struct names the states that it uses. The plan's edges come from them.
template <class T>
class Read {
 public:
  const T& operator*() const { return *state_; }
  const T* operator->() const { return state_; }
  explicit operator bool() const { return state_ != nullptr; }
  Read() = default;
  explicit Read(const T& state) : state_(&state) {}

 private:
  const T* state_ = nullptr;
};

template <class T>
class Write {
 public:
  T& operator*() const { return *state_; }
  T* operator->() const { return state_; }
  explicit operator bool() const { return state_ != nullptr; }
  Write() = default;
  explicit Write(T& state) : state_(&state) {}

 private:
  T* state_ = nullptr;
};

/// A reference whose access depends on the node's parameters (a forward in train mode writes batch-norm buffers, in
/// eval mode it only reads).
template <class T>
class Use {
 public:
  T& operator*() const { return *state_; }
  T* operator->() const { return state_; }
  explicit operator bool() const { return state_ != nullptr; }
  Use() = default;
  explicit Use(T& state) : state_(&state) {}

 private:
  T* state_ = nullptr;
};

/// What is known of a stream's samples before anything runs.
struct StreamSamples {
  std::int64_t size = 0;
  std::vector<std::int64_t>
      labels;  // class per sample, in the order of sample indices; empty where the source has none
};

/// What a state is made from, beside its parameters and references.
class StateScope {
 public:
  virtual ~StateScope() = default;
  virtual const std::string& name() const = 0;    // of the state
  virtual const std::string& device() const = 0;  // "cpu", "cuda", "cuda:1"
  virtual std::uint64_t seed() const = 0;
  /// A parameter of the file (inserted), or nullptr.
  virtual const Tree* parameter(const std::string& name) const = 0;
  /// Throws PipelineError where there is no such stream.
  virtual const StreamSamples& stream(const std::string& name, const Place& place) const = 0;
  Random random() const { return Random(seed(), name_hash("state." + name()), 0); }
};

}  // namespace fergraph
