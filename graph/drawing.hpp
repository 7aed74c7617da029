// A pipeline as a picture: Graphviz DOT with a cluster per section and stream, values as arrows, states as cylinders.
#pragma once

#include <map>
#include <string>

#include "graph/pipeline.hpp"

namespace fergraph {

/// What a drawing says of a node besides its name and kind.
struct NodeNote {
  std::string line;   // below the kind; may be empty
  std::string style;  // a class for style sheets of the SVG; may be empty
};

struct DrawingOptions {
  bool title = true;                      // the pipeline's name and doc above
  std::map<std::string, NodeNote> notes;  // by qualified name
};

/// DOT text; `dot -Tsvg` draws it. In the SVG, classes tell what is what: stream, step, epoch, batch, state, read and
/// write.
std::string to_dot(const Pipeline& pipeline, const DrawingOptions& options = {});

}  // namespace fergraph
