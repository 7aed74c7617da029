// A checked pipeline: every name of a file bound to what it means, and the edges that follow. What a run is made from.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/contract.hpp"
#include "graph/document.hpp"
#include "graph/formula.hpp"
#include "graph/registry.hpp"

namespace fergraph {

/// Where a value comes from: an output of a node of the same section, or an item of a stream's batch.
struct ValueSource {
  int node = -1;
  int output = -1;
  int part = -1;  // of `node.output[part]`
  int stream = -1;
  int item = -1;
  std::size_t form = 0;                     // which of the input port's forms it fills
  std::shared_ptr<CompiledFormula> weight;  // of a weighted port
  Place place;
  std::string text;  // as written
};

struct InputBinding {
  int port = 0;
  std::vector<ValueSource> sources;
};

struct StateBinding {
  int port = 0;
  std::vector<int> states;
  Access access = Access::read;
};

/// A member of a parameter struct that follows the clock.
struct ClockedParameter {
  std::size_t offset = 0;
  std::shared_ptr<CompiledFormula> formula;
  const ParameterInfo* info = nullptr;  // of the node's or state's type, for its limits
  Place place;
  /// Throws RunError with the place where the value is not finite or beyond a limit.
  void update(void* parameters, const Clock& clock) const;
};

/// One node of a file.
struct NodePlan {
  std::string name;
  std::string qualified;  // "step.guess", "streams.labeled.weak"
  std::shared_ptr<const NodeType> type;
  Place place;
  std::vector<InputBinding> inputs;
  std::vector<StateBinding> states;
  Box parameters;
  std::vector<ClockedParameter> clocked;
  std::shared_ptr<CompiledFormula> when;  // null: always
  std::string written;                    // the entry as flow YAML with parameters inserted
  std::vector<int> after;  // the nodes of the section that must have finished: edges by values and states
};

struct SectionPlan {
  Section section = Section::step;
  std::vector<NodePlan> nodes;
};

/// How a stream's samples become batches.
struct BatchPlan {
  Place place;
  std::int64_t size = 1;
  Order order = Order::shuffled;
  Last last = Last::drop;
  bool skip_voids = true;
  int ahead = 3;  // batches in flight at most
  std::vector<StreamItem> items;
  std::vector<ValueSource> sources;                        // per item
  std::vector<std::shared_ptr<const Collator>> collators;  // per item
};

struct StreamPlan {
  std::string name;
  Place place;
  std::vector<NodePlan> nodes;  // the first is the source; of a preprocessing stream the last is the sink
  std::optional<BatchPlan> batch;
  bool has_sink() const { return !nodes.empty() && nodes.back().type->is_sink(); }
};

struct StatePlan {
  std::string name;
  std::shared_ptr<const StateType> type;
  Place place;
  Box parameters;
  std::vector<ClockedParameter> clocked;
  std::vector<StateBinding> links;
  std::vector<int> owned;  // states that are written with this one
};

/// One value that a record shows.
struct RecordSource {
  Section section = Section::step;
  int node = -1;
  int output = -1;
  int part = -1;
  int state = -1;  // instead of a node: shown at the end of the epoch sections
};

struct RecordPlan {
  std::string name;
  Place place;
  std::vector<RecordSource> sources;
};

struct Pipeline {
  std::string name;
  std::string doc;
  std::string file;
  Tree root;         // merged, parameters inserted
  std::string text;  // merged, as YAML that can be run again
  std::vector<StatePlan> states;
  std::vector<StreamPlan> streams;
  std::array<SectionPlan, 3> sections;  // by Section
  std::vector<RecordPlan> records;
  std::int64_t epochs = 1;
  std::int64_t steps = 0;  // 0: one pass over that of `steps_streams` which has most batches
  std::vector<int> steps_streams;
  std::shared_ptr<const ThreadScope> scope;  // the registry's; may be null

  const Tree* params() const { return root.find("params"); }
  const SectionPlan& section(Section which) const { return sections[static_cast<std::size_t>(which)]; }
  bool trains() const { return !section(Section::step).nodes.empty(); }
  bool preprocesses() const;
  int find_stream(const std::string& stream) const;
  int find_state(const std::string& state) const;
};

/// Binds and checks a document. Throws PipelineError with all problems that were found: unknown nodes, ports, states
/// and parameters, references to later nodes, missing inputs, types and axes that do not agree, formulas that cannot be
/// read.
Pipeline check_pipeline(const Document& document, const Registry& registry);

/// The parameters of `batch`, the node that closes a stream, which the engine itself offers.
const std::vector<ParameterInfo>& batch_parameters();

/// The edges of a section from its values and states, in file order (NodePlan::after), without those that follow from
/// others.
void plan_edges(std::vector<NodePlan>& nodes, const std::vector<StatePlan>& states);

/// Checks that the symbolic axes agree along the edges of a section.
void check_axes(const SectionPlan& section, const Pipeline& pipeline, std::vector<Problem>& problems);

}  // namespace fergraph
