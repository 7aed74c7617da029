#include "graph/contract.hpp"

#include <algorithm>

namespace fergraph {
namespace {

template <class T>
const T* named(const std::vector<T>& entries, const std::string& name) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const T& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

template <class... Lists>
std::vector<std::string> names(const Lists&... lists) {
  std::vector<std::string> all;
  const auto add = [&](const auto& list) {
    for (const auto& entry : list) all.push_back(entry.name);
  };
  (add(lists), ...);
  return all;
}

std::vector<std::string> read_axes(const std::string& shape) {
  std::vector<std::string> axes;
  const std::size_t open = shape.find('[');
  const std::size_t close = shape.find(']', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return axes;
  std::string axis;
  for (std::size_t i = open + 1; i <= close; ++i) {
    if (shape[i] == ',' || shape[i] == ']') {
      if (!axis.empty()) axes.push_back(axis);
      axis.clear();
    } else if (shape[i] != ' ') {
      axis += shape[i];
    }
  }
  return axes;
}

}  // namespace

namespace detail {

std::vector<PortForm> read_forms(const std::string& shape, const std::vector<const ValueType*>& types) {
  std::vector<PortForm> forms;
  std::size_t begin = 0;
  for (const ValueType* type : types) {
    const std::size_t end = std::min(shape.find(" or ", begin), shape.size());
    const std::string text = begin < shape.size() ? shape.substr(begin, end - begin) : shape;
    forms.push_back({type, text, read_axes(text)});
    begin = std::min(end + 4, shape.size());
  }
  return forms;
}

}  // namespace detail

const InputPort* NodeType::input(const std::string& port) const { return named(inputs, port); }
const OutputPort* NodeType::output(const std::string& port) const { return named(outputs, port); }
const StatePort* NodeType::state(const std::string& port) const { return named(states, port); }
const ParameterInfo* NodeType::parameter(const std::string& port) const { return named(parameters, port); }
std::vector<std::string> NodeType::keys() const { return names(inputs, states, parameters); }
std::vector<std::string> NodeType::output_names() const { return names(outputs); }

bool StateType::is_a(std::type_index type) const { return std::find(types.begin(), types.end(), type) != types.end(); }
const ParameterInfo* StateType::parameter(const std::string& key) const { return named(parameters, key); }
const StateLink* StateType::link(const std::string& key) const { return named(links, key); }
std::vector<std::string> StateType::keys() const { return names(links, parameters); }

}  // namespace fergraph
