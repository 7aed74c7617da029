// Node types and state kinds, erased: what contracts are read into, and all that checks and runs need to know of them.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <typeindex>
#include <vector>

#include "graph/context.hpp"
#include "graph/feed.hpp"
#include "graph/parameter.hpp"
#include "graph/state.hpp"
#include "graph/value.hpp"

namespace fergraph {

/// A list port whose entries carry a number each: `terms: {supervised.loss: 0.5, pseudo.loss: 1}`. Absent entries are
/// left out.
template <Value T>
struct Weighted {
  T value;
  double weight = 1;
};

/// One way in which a port may be filled: a type with its axes.
struct PortForm {
  const ValueType* type = nullptr;
  std::string shape;              // "float [N,C]", as told in the contract
  std::vector<std::string> axes;  // {"N", "C"}; an axis N* is the concatenation over a list port
};

struct InputPort {
  std::string name;
  std::string shape;
  std::string doc;
  std::vector<PortForm> forms;  // several for a variant
  bool is_optional = false;
  bool is_list = false;
  bool is_weighted = false;  // a map from reference to number
  bool is_view = false;      // reads a whole stream
  std::size_t offset = 0;    // in the In struct
  /// Puts a value of forms[form] into the port (appends to a list).
  void (*assign)(void* member, std::size_t form, const void* value, double weight) = nullptr;
  /// Binds a view port to a stream's item.
  void (*assign_view)(void* member, StreamReader& reader, std::size_t item) = nullptr;
};

struct OutputPort {
  std::string name;
  std::string shape;
  std::string doc;
  PortForm form;
  std::size_t offset = 0;  // in the Out struct
  /// The value in the port, or nullptr where an optional output is absent.
  const void* (*value)(const void* member) = nullptr;
  /// For a port with parts (`f.logits[0]`): the parts' offset, the list port that they follow, and access to one.
  std::string parts_of;
  std::size_t parts_offset = 0;
  const void* (*part)(const void* member, std::size_t i) = nullptr;
};

struct StatePort {
  std::string name;
  std::string doc;
  std::string kind_doc;  // the C++ type's name for readers: "network", "table"
  std::type_index type = typeid(void);
  bool is_optional = false;
  bool is_list = false;
  Access access = Access::read;
  bool access_depends = false;  // on the parameters: then access_of tells
  std::function<Access(const void* parameters)> access_of;
  std::size_t offset = 0;  // in the State struct
  void (*assign)(void* member, State& state) = nullptr;
};

/// Samples of a stream's source, from `begin` to before `end`.
struct SampleRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool operator==(const SampleRange&) const = default;
};

/// What decides the values of a source's samples.
struct SourceFingerprint {
  std::string rows;   // the table's rows: the same on every machine
  std::string files;  // the state of the files that they name (sizes, times of change), which a copy may not share
};

/// Which of several processes that share a preprocessing pipeline this one is: 0 … count - 1.
struct ProcessShare {
  int index = 0;
  int count = 1;
};

/// What a node is prepared from, once, before the run.
struct Preparation {
  std::string node;  // qualified name
  Place place;
  std::string pipeline;                   // the resolved file, as text
  std::string stream_description;         // the nodes of its stream with their resolved parameters, one per line
  std::vector<std::string> fingerprints;  // of the nodes above it in its stream that have one, "qualified name: text"
  std::int64_t samples = 0;               // of its stream
  std::int64_t sample_bytes = 0;          // of what the nodes above make of one sample, where one of them knows
  /// Of the stream's source, for a range of its samples. Empty where the source cannot tell.
  std::function<SourceFingerprint(const SampleRange&)> source_fingerprint;
  ProcessShare share;
  std::uint64_t seed = 0;
  std::string device = "cpu";
  const Tree* params = nullptr;  // the file's parameters, inserted
};

/// One row that a stream could not deliver.
struct VoidSample {
  std::string stream;
  std::string node;  // qualified
  Place place;       // of the node in its file
  std::int64_t sample = 0;
  std::string name;  // path or id, as the source tells
  std::string reason;
};

/// What a sink will write, and where.
struct DiskNeed {
  std::filesystem::path place;
  std::int64_t bytes = 0;
};

/// A node's type, erased: everything the engine needs to check, prepare and run it.
struct NodeType {
  std::string name;
  std::string doc;
  std::string details;  // sources, rules, errors: shown by `fergraph nodes NAME`
  std::vector<InputPort> inputs;
  std::vector<OutputPort> outputs;
  std::vector<ParameterInfo> parameters;
  std::vector<StatePort> states;
  std::vector<std::pair<std::string, std::string>> equal_counts;  // list ports or states that belong together in pairs

  const TypeOperations* in = nullptr;
  const TypeOperations* out = nullptr;
  const TypeOperations* parameter_struct = nullptr;
  const TypeOperations* state_struct = nullptr;

  std::function<std::shared_ptr<void>(const void* parameters, const Preparation&)> prepare;
  void (*run)(void* node, const void* in, void* out, const void* parameters, void* states,
              const Context& context) = nullptr;

  /// Of sources (the first node of a stream): the number of samples, their labels, and one's name for messages.
  std::int64_t (*size)(const void* node) = nullptr;
  std::vector<std::int64_t> (*labels)(const void* node) = nullptr;
  std::string (*sample_name)(const void* node, std::int64_t sample) = nullptr;
  /// What decides the values of a node beside its parameters (dataset rows, a detector's weights), as text; may be
  /// null.
  std::string (*fingerprint)(const void* node) = nullptr;
  /// The same for some of a source's samples.
  SourceFingerprint (*source_fingerprint)(const void* node, const SampleRange& range) = nullptr;
  /// Bytes of one result, of nodes that know (an aligned face of a given size).
  std::int64_t (*sample_bytes)(const void* node) = nullptr;
  /// Of sinks (the last node of a preprocessing stream): run is called in the order of samples by one thread at a time.
  void (*write_void)(void* node, const VoidSample& sample) = nullptr;
  void (*finish)(void* node) = nullptr;
  bool (*up_to_date)(const void* node) = nullptr;
  /// The samples that the sink still wants, in order: what an earlier run has written it does not get again. All of
  /// them where null.
  std::vector<SampleRange> (*pending)(const void* node) = nullptr;
  DiskNeed (*disk_need)(const void* node) = nullptr;

  bool is_source() const { return size != nullptr; }
  bool is_sink() const { return finish != nullptr; }
  const InputPort* input(const std::string& port) const;
  const OutputPort* output(const std::string& port) const;
  const StatePort* state(const std::string& port) const;
  const ParameterInfo* parameter(const std::string& port) const;
  std::vector<std::string> keys() const;  // inputs, states, parameters
  std::vector<std::string> output_names() const;
};

/// A reference from one state to another, in the `Refs` struct of a state kind.
struct StateLink {
  std::string name;
  std::string doc;
  std::type_index type = typeid(void);
  bool is_optional = false;
  bool is_list = false;
  bool owns = false;  // who writes this state writes the other too (an optimizer its networks)
  std::size_t offset = 0;
  void (*assign)(void* member, State& state) = nullptr;
};

/// A kind of state, erased.
struct StateType {
  std::string name;
  std::string doc;
  std::vector<ParameterInfo> parameters;
  std::vector<StateLink> links;
  std::vector<std::type_index> types;  // what a node may take it as
  const TypeOperations* parameter_struct = nullptr;
  const TypeOperations* link_struct = nullptr;
  std::function<std::unique_ptr<State>(const void* parameters, const void* links, const StateScope& scope)> make;

  bool is_a(std::type_index type) const;
  const ParameterInfo* parameter(const std::string& key) const;
  const StateLink* link(const std::string& key) const;
  std::vector<std::string> keys() const;
};

}  // namespace fergraph
