// Which networks a run is reported by: those that make its records `test.*`. Teachers and partners may be among them.
#pragma once

#include <string>
#include <vector>

#include "graph/pipeline.hpp"

namespace fergraph {

/// Names of states, in the order in which the pipeline declares them: what the nodes behind the records whose names
/// begin with "test." read, through any number of nodes. Of several, the probabilities are averaged (as the node `pass`
/// does). Where no such record reads a network, the only network of the pipeline, if there is but one; else none.
std::vector<std::string> reported_networks(const Pipeline& pipeline);

/// The names of all networks of a pipeline, in its order.
std::vector<std::string> networks_of(const Pipeline& pipeline);

}  // namespace fergraph
