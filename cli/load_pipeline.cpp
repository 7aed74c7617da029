#include "cli/load_pipeline.hpp"

#include "cli/stale_caches.hpp"

namespace fergraph {
namespace {

// Data files bring parameters, and perhaps nodes and records for the sections of a method, but neither name nor work.
bool is_data_file(const Tree& root) {
  return root.find("params") && !root.find("use") && !root.find("pipeline") && !root.find("step") &&
         !root.find("streams") && !root.find("state");
}

}  // namespace

Pipeline load_pipeline(const LoadOptions& load, const Registry& registry) {
  // Before it is merged: what a data file puts behind a method's nodes has no place without them.
  std::vector<Problem> told_later;
  if (is_data_file(read_yaml(load.file, told_later)))
    throw PipelineError({load.file.string(), 0, 0},
                        "This is a data file: it has parameters, but neither a name ('pipeline'), 'streams' nor a "
                        "'step'. Give it to a method: METHOD.yaml --data " +
                            load.file.string() + ".");
  Document document = load_document(load);
  resolve_made_by(document);
  return check_pipeline(document, registry);
}

}  // namespace fergraph
