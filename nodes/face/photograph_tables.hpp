// The table that a source of photographs would read, without a run.
#pragma once

#include <memory>

#include "datasets/sample_table.hpp"
#include "graph/pipeline.hpp"

namespace fergraph {

/// Null where the node is no source of photographs that is known here. Throws PipelineError where the data set cannot
/// be read; its warnings go to the log, as in a run.
std::shared_ptr<const SampleTable> read_photographs(const NodePlan& plan);

}  // namespace fergraph
