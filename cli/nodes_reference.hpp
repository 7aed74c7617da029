// The reference page of nodes and states, docs/nodes.md, made of their contracts.
#pragma once

#include <string>

#include "graph/registry.hpp"

namespace fergraph {

/// GitHub's Markdown: a table of contents, every node by its stage (those that no stage registers under "Others"),
/// every kind of state, and which nodes make and take each type of value. The same for the same registry.
std::string nodes_reference(const Registry& registry);

}  // namespace fergraph
