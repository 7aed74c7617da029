// The memory of one run through a list of nodes: every node's In and Out, and which nodes have run.
#pragma once

#include <memory>
#include <vector>

#include "graph/pipeline.hpp"

namespace fergraph {

/// A node made ready for a run: its object and its references to states.
struct PreparedNode {
  const NodePlan* plan = nullptr;
  std::shared_ptr<void> object;
  std::shared_ptr<Box> states;
  std::uint64_t name = 0;  // name_hash of the qualified name
};

/// Where each node's In and Out lie in a frame. Made once per list of nodes.
class FrameLayout {
 public:
  explicit FrameLayout(const std::vector<NodePlan>& nodes);

 private:
  friend class Frame;
  struct Entry {
    std::size_t in;
    std::size_t out;
    const NodeType* type;
  };
  std::vector<Entry> entries_;
  std::size_t size_ = 0;
  std::size_t alignment_ = 1;
};

/// A sample on its way through a stream has a frame, and so has each section. One thread at a time per node.
class Frame {
 public:
  explicit Frame(const FrameLayout& layout);
  ~Frame();
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  void* in(std::size_t node) { return memory_ + layout_.entries_[node].in; }
  void* out(std::size_t node) { return memory_ + layout_.entries_[node].out; }
  bool ran(std::size_t node) const { return ran_[node] != 0; }
  void set_ran(std::size_t node) { ran_[node] = 1; }

  /// The value of an output, or nullptr where it is absent.
  const void* value(int node, int output, int part) const;
  /// Releases all values.
  void reset();
  /// Releases a node's values: its outputs are absent from here on.
  void reset(std::size_t node);

 private:
  const FrameLayout& layout_;
  std::byte* memory_;
  std::vector<char> ran_;  // not vector<bool>: lanes write neighbours at once
};

/// Fills the node's inputs from the frame and the batches (by stream). False where a required input is absent.
bool gather(const NodePlan& node, std::size_t position, Frame& frame, const std::shared_ptr<const Batch>* batches,
            const Clock& clock);

/// Calls the node. Its inputs must have been gathered.
void call(const PreparedNode& node, std::size_t position, Frame& frame, const Context& context);

}  // namespace fergraph
