// What pipeline files may name.
#pragma once

#include <span>
#include <string_view>

#include "graph/registry.hpp"

namespace fergraph {

/// Registers every node type, state kind and thread setting of this folder. The thread that calls it decides by its
/// number of LibTorch threads how many the steps use.
void register_nodes(Registry& registry);

/// A folder of nodes.
struct NodeStage {
  std::string_view folder;
  std::string_view purpose;  // a sentence, for readers
  void (*register_nodes)(Registry& registry);
};

/// The stages in the order in which a pipeline goes through them. Together they register all nodes of this folder.
std::span<const NodeStage> node_stages();

}  // namespace fergraph
