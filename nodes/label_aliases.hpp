// Other names of classes, as pipeline files write them.
#pragma once

#include "datasets/class_names.hpp"
#include "graph/parameter.hpp"

namespace fergraph {

template <>
struct Codec<LabelAliases> {
  /// {happy: happiness, contempt: ~}
  static LabelAliases parse(const Tree& tree, const Tree* params);
  static std::string type() { return "map of words"; }
  static std::string show(const LabelAliases&) { return "{}"; }
  static constexpr const char* schema = "object";
};

}  // namespace fergraph
