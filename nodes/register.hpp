// What pipeline files may name.
#pragma once

#include "graph/registry.hpp"

namespace fergraph {

/// Registers every node type, state kind and thread setting of this folder. The thread that calls it decides by its
/// number of LibTorch threads how many the steps use.
void register_nodes(Registry& registry);

}  // namespace fergraph
