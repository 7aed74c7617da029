// Caches that are not what a run takes them for, refused before it begins.
#pragma once

#include <filesystem>

#include "graph/document.hpp"
#include "graph/pipeline.hpp"
#include "graph/registry.hpp"

namespace fergraph {

/// Makes the paths of `made_by` begin at the working directory, as those of caches do, where they begin at the file
/// that names them: so the resolved file can be run again from its run directory.
void resolve_made_by(Document& document);

/// For every selection of faces that says what its cache is made by: the preprocessing file is read, and what decides
/// the faces (its nodes and their parameters, but neither paths nor the versions of libraries) is compared with what
/// the cache was made with. Needs the cache but not the data set. Throws PipelineError with all differences, what was
/// set on the command line when the cache was made, and the command that makes it again; also where the file or the
/// cache is missing.
void refuse_stale_caches(const Pipeline& pipeline, const Registry& registry);

/// For a run that goes on or is repeated: throws RunError where a cache that `provenance` (a run's provenance.json)
/// tells of is no longer what it was, with what changed. Silent about caches that it does not tell of, and where the
/// file is absent or damaged.
void refuse_changed_caches(const std::filesystem::path& provenance, const Pipeline& pipeline);

}  // namespace fergraph
