// Binding the entries of one section: which key is an input, a state or a parameter, and what each refers to.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "graph/pipeline.hpp"

namespace fergraph {

/// Collects problems while a pipeline is bound; nothing is thrown before the end, so that all are listed at once.
class Binder {
 public:
  Binder(Pipeline& pipeline, const Registry& registry, std::vector<Problem>& problems)
      : pipeline_(pipeline), registry_(registry), problems_(problems) {}

  void bind_states(const Tree& section);
  void bind_streams(const Tree& section);
  void bind_section(const Tree& section, Section which);
  void bind_records(const Tree& section);
  void bind_clock();

 private:
  struct Scope {
    std::vector<NodePlan>* nodes = nullptr;
    std::vector<std::string> all_names;  // of the section, for "stands below"
    std::string prefix;                  // "step."
    bool in_stream = false;
    bool reads_views = false;  // epoch sections read whole streams
  };

  void problem(const Place& place, std::string message) { problems_.push_back({place, std::move(message)}); }
  bool check_name(const Tree::Member& entry, const std::string& what);
  template <class ReadFunction>
  void collect(const std::string& what, const std::string& key, ReadFunction&& read);

  void bind_node(const Tree::Member& entry, Scope& scope);
  void bind_batch(const Tree::Member& entry, StreamPlan& stream, Scope& scope);
  void bind_input(NodePlan& node, int port, const Tree& value, const Scope& scope);
  void check_counts(const NodePlan& node);
  std::vector<int> state_names(const Tree& value, bool is_list, std::type_index type, const std::string& what,
                               const std::string& port, const std::string& kind_doc);
  template <class Info>
  void bind_parameters(const std::vector<Info>& infos, const Tree& entry, Box& box,
                       std::vector<ClockedParameter>& clocked, bool may_use_clock, const std::string& what);
  std::optional<ValueSource> reference(const Tree& text, const Scope& scope, const std::string& what);
  const ValueType* type_of(const ValueSource& source, const Scope& scope) const;

  Pipeline& pipeline_;
  const Registry& registry_;
  std::vector<Problem>& problems_;
  std::set<std::string> flawed_;  // nodes with an entry of a list that could not be bound: their counts mean nothing
  std::set<std::string> broken_;  // nodes, states and items that have a problem: who refers to them is not blamed too
};

}  // namespace fergraph
