#include "graph/registry.hpp"

#include <algorithm>
#include <stdexcept>

namespace fergraph {
namespace {

template <class T>
std::shared_ptr<const T> named(const std::vector<std::shared_ptr<const T>>& entries, const std::string& name) {
  for (const auto& entry : entries)
    if (entry->name == name) return entry;
  return nullptr;
}

template <class T>
std::vector<std::string> names(const std::vector<std::shared_ptr<const T>>& entries) {
  std::vector<std::string> all;
  all.reserve(entries.size());
  for (const auto& entry : entries) all.push_back(entry->name);
  std::sort(all.begin(), all.end());
  return all;
}

// A name with two meanings in one contract could not be told apart in a file.
void check_keys(const std::string& owner, std::vector<std::string> keys, const std::vector<std::string>& reserved) {
  for (const std::string& key : keys)
    if (std::find(reserved.begin(), reserved.end(), key) != reserved.end())
      throw std::logic_error("The contract of '" + owner + "' declares '" + key +
                             "', which has a meaning of its own in files.");
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) throw std::logic_error("The contract of '" + owner + "' declares '" + *twice + "' twice.");
}

}  // namespace

void Registry::add(NodeType type) {
  if (find_node(type.name)) throw std::logic_error("A node named '" + type.name + "' is registered already.");
  check_keys(type.name, type.keys(), {"node", "when", "after"});
  check_keys(type.name, type.output_names(), {});
  nodes_.push_back(std::make_shared<const NodeType>(std::move(type)));
}

void Registry::add(StateType type) {
  if (find_state(type.name)) throw std::logic_error("A state kind named '" + type.name + "' is registered already.");
  check_keys(type.name, type.keys(), {"kind", "after"});
  states_.push_back(std::make_shared<const StateType>(std::move(type)));
}

void Registry::add(Collator collator) {
  if (find_collator(collator.from))
    throw std::logic_error("Batches of '" + std::string(collator.from->name) + "' are registered already.");
  collators_.push_back(std::make_shared<const Collator>(std::move(collator)));
}

std::shared_ptr<const NodeType> Registry::find_node(const std::string& name) const { return named(nodes_, name); }
std::shared_ptr<const StateType> Registry::find_state(const std::string& name) const { return named(states_, name); }

std::shared_ptr<const Collator> Registry::find_collator(const ValueType* from) const {
  for (const auto& collator : collators_)
    if (collator->from == from) return collator;
  return nullptr;
}

std::vector<std::string> Registry::node_names() const { return names(nodes_); }
std::vector<std::string> Registry::state_names() const { return names(states_); }

}  // namespace fergraph
