// Views with noise on every level.
#pragma once

#include <vector>

#include "nodes/augment/operation.hpp"

namespace fergraph {

std::vector<OperationType> noise_operations();

}  // namespace fergraph
