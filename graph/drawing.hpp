// A pipeline as a picture: Graphviz DOT with a cluster per section and stream, values as arrows, states as cylinders.
#pragma once

#include <string>

#include "graph/pipeline.hpp"

namespace fergraph {

/// DOT text; `dot -Tsvg` draws it.
std::string to_dot(const Pipeline& pipeline);

}  // namespace fergraph
