// A pipeline from the files that a command line names.
#pragma once

#include "graph/document.hpp"
#include "graph/pipeline.hpp"
#include "graph/registry.hpp"

namespace fergraph {

/// Reads, merges and checks. Throws PipelineError with all that is wrong; of a data file that stands alone it says that
/// it is one and how it is used.
Pipeline load_pipeline(const LoadOptions& load, const Registry& registry);

}  // namespace fergraph
