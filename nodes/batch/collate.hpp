// How the values of samples become the values of a batch.
#pragma once

#include "graph/registry.hpp"

namespace fergraph {

/// Image → Images (uint8 [N,H,W,3], contiguous), Label → Labels, SampleIndex → Index, AlignedFaces → FaceLists.
void register_collators(Registry& registry);

}  // namespace fergraph
