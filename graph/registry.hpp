// The explicit list of what pipeline files may name: node types, state kinds, how samples become batches.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/contract.hpp"

namespace fergraph {

/// Where a body runs: what a thread must be set to before it.
enum class Lane { stream, step, epoch };

/// Sets the thread-locals that a body needs (grad mode, device, stream, OpenMP width) around the body: those of the
/// main thread do not reach the workers.
class ThreadScope {
 public:
  virtual ~ThreadScope() = default;
  virtual void around(Lane lane, const std::function<void()>& body) const = 0;
};

/// Makes one batched value of the values of its rows.
struct Collator {
  const ValueType* from = nullptr;
  const ValueType* to = nullptr;
  std::function<std::shared_ptr<const void>(std::span<const void* const> rows)> collate;
};

class Registry {
 public:
  /// Registers N by N::contract(). Throws std::logic_error where the name is taken.
  template <class N>
  void node() {
    add(N::contract().type());
  }
  /// Registers the state kind S by S::contract().
  template <class S>
  void state() {
    add(S::contract().type());
  }
  /// Values of type From in a stream become one To in its batches.
  template <Value From, Value To>
  void collate(std::function<To(std::span<const From* const>)> function) {
    add(Collator{&value_type<From>, &value_type<To>,
                 [function = std::move(function)](std::span<const void* const> rows) {
                   std::vector<const From*> typed;
                   typed.reserve(rows.size());
                   for (const void* row : rows) typed.push_back(static_cast<const From*>(row));
                   return std::static_pointer_cast<const void>(std::make_shared<const To>(function(typed)));
                 }});
  }
  void thread_scope(std::shared_ptr<const ThreadScope> scope) { scope_ = std::move(scope); }

  void add(NodeType type);
  void add(StateType type);
  void add(Collator collator);

  /// Shared, so that a pipeline may outlive the registry that it was checked against.
  std::shared_ptr<const NodeType> find_node(const std::string& name) const;
  std::shared_ptr<const StateType> find_state(const std::string& name) const;
  std::shared_ptr<const Collator> find_collator(const ValueType* from) const;
  const std::vector<std::shared_ptr<const NodeType>>& nodes() const { return nodes_; }  // in the order of registration
  const std::vector<std::shared_ptr<const StateType>>& states() const { return states_; }
  std::vector<std::string> node_names() const;
  std::vector<std::string> state_names() const;
  const std::shared_ptr<const ThreadScope>& scope() const { return scope_; }  // may be null

 private:
  std::vector<std::shared_ptr<const NodeType>> nodes_;
  std::vector<std::shared_ptr<const StateType>> states_;
  std::vector<std::shared_ptr<const Collator>> collators_;
  std::shared_ptr<const ThreadScope> scope_;
};

}  // namespace fergraph
